"""A visitor's looks, kept in their own browser: they come back after a reload, and after the server started anew.

The pose on the stage is kept by the editor itself, at the end of every gesture.
"""

from __future__ import annotations

import time
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr

from vunet.errors import VUNetError
from vunet.pose.key_poses import Motion
from vunet.studio.appearance import Appearance
from vunet.ui.components.skeleton_editor import stage_value, wear
from vunet.ui.panels.looks import MOST_VARIETY, settings_of
from vunet.ui.visitor.data_urls import data_url
from vunet.ui.visitor.loaded_checkpoints import forwarded
from vunet.ui.visitor.session import Session
from vunet.ui.visitor.session_file import Saved, write_session
from vunet.ui.visitor.share_link import Link, read_link
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import QUIET
from vunet.ui.words.texts import language_of, sentence

# A link is followed once: a reload shows what the visitor has done since. What this tab kept comes before what any did.
WITH_FRAGMENT = """(kept) => {
  const link = location.hash.slice(1);
  if (link.includes("pose=")) window.history.replaceState(null, "", location.pathname + location.search);
  let own = null;
  try {
    own = JSON.parse(sessionStorage.getItem("vunet.session"));
  } catch {}
  window.vunetOpened = true;  // before, the box only tells what any tab has left
  return [own || kept, link];
}"""
KEEP_IN_TAB = """(kept) => {
  if (!window.vunetOpened) return;
  try {
    sessionStorage.setItem("vunet.session", JSON.stringify(kept));
  } catch {}
}"""


class BrowserStorage:
    """What lies in the browser: {"session"}, the text of a session file; checked like any hostile input.

    Older ones have the checkpoint's name beside the text, which did not say it.
    """

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        # The secret is no secret: it only has to be the same after the server started anew.
        self._kept: WeakKeyDictionary[Appearance, tuple[int, Motion]] = WeakKeyDictionary()
        self.box: Any = gr.BrowserState(None, storage_key="vunet.session", secret="vunet")

    def wire(self, page: gr.Blocks, session: gr.State, stage: Any, strip: Any, model: Any, looks: Any, first: Any) -> Any:
        """model: the panel that names the checkpoint. looks: the panel of samples, whose settings a link may name. first:
        puts the first example on the stage, where there is nothing to restore. Returns the event of opening."""
        for changed in (stage.feed, strip):
            changed.change(self.keep, [session, strip], self.box, trigger_mode="always_last", **QUIET)
        self.box.change(None, self.box, None, js=KEEP_IN_TAB, **QUIET)
        stage.editor.look_lost(self.find_look, [self.box, session], [session, stage.feed], **QUIET)

        settings = [looks.seed, looks.temperature, *looks.wishes]

        def opened(kept: Any, link: Any, request: gr.Request) -> dict[Any, Any]:
            followed = self.follow(link, request)
            if followed is not None:
                (new, on_stage), chosen = followed
                return {session: new, stage.editor: on_stage} | dict(zip(settings, chosen, strict=False))
            restored = self.restore(kept, request)
            if restored is None:
                new, on_stage = first(request)
                return {session: new, stage.editor: on_stage}
            new, on_stage, motion, name = restored
            return {session: new, stage.editor: on_stage, strip: motion, model.name: name}

        fragment = gr.Textbox(visible=False)  # a gr.State would not take a value from the browser
        shown = [session, stage.editor, strip, model.name, *settings]
        return page.load(opened, [self.box, fragment], shown, js=WITH_FRAGMENT, **QUIET)

    def follow(self, text: Any, request: gr.Request) -> tuple[tuple[Session, dict[str, Any]], tuple[Any, ...]] | None:
        """What the address's fragment names, session and stage, and the settings of its sample; None where it names
        nothing."""
        language = language_of(request)
        try:
            link = read_link(text)
            opened = self.shared.open_link(link, language) if link else None
        except VUNetError as error:
            gr.Warning(sentence(str(error), language))
            return None
        if link is None or opened is None:
            return None
        return opened, self._settings(link)

    def _settings(self, link: Link) -> tuple[Any, ...]:
        """Seed, variety and wishes of the sample that a link names, as far as the page has them; nothing without one."""
        if link.sample is None:
            return ()
        known = [wish for wish in link.sample.wearing if self.shared.studio.knows(wish)]
        return link.sample.seed, min(link.sample.temperature, MOST_VARIETY), *settings_of(known)

    def keep(self, session: Session, strip: Motion) -> Any:
        """The looks of a session, as they are now."""
        if session.look is None or session.own is None or self._kept.get(session.look) == (id(session.own), strip):
            return gr.skip()  # the feed carries downloads as well
        self._kept[session.look] = id(session.own), strip
        name = self.shared.studio_of(session).name
        saved = Saved(session.own.pose, session.look, session.own, strip, name)  # Reset goes back to the own pose
        return {"session": write_session(saved)}

    def restore(self, kept: Any, request: gr.Request) -> tuple[Session, dict[str, Any], Motion, str] | None:
        """The session, the stage, the strip and the checkpoint's name that the browser remembers; None when it remembers
        nothing of use."""
        saved = self._read(kept, request)
        if saved is None:
            return None
        session = self._session(saved, request)
        studio = self.shared.studio_of(session)
        own = data_url(studio.render(saved.own, saved.own.pose))
        stage = stage_value(saved.pose, own, session.token, new_person=True, restored=True)
        return session, stage, saved.motion, studio.name

    def find_look(self, kept: Any, session: Session, request: gr.Request) -> tuple[Any, Any]:
        """A look that the server no longer has: it is in the session or, after a new start, in the browser."""
        if session.look is None:
            found = self._read(kept, request)
            session = self._session(found, request) if found else self._first(request)
        assert session.look is not None
        token = self.shared.live_renderer.keep(session.look, session.token, session.checkpoint, session.person)
        return session, wear(token, time.time_ns(), scene=session.person is not None)

    def _first(self, request: gr.Request) -> Session:
        return self.shared.enter(Session(), self.shared.example(0), language_of(request))[0]

    def _session(self, saved: Saved, request: gr.Request) -> Session:
        return self.shared.reopen(Session(language=language_of(request)), saved)

    def _read(self, kept: Any, request: gr.Request) -> Saved | None:
        if not isinstance(kept, dict) or not isinstance(kept.get("session"), str):
            return None
        checkpoint = kept.get("checkpoint")
        checkpoint = checkpoint if isinstance(checkpoint, str) else ""
        try:
            return self.shared.read_saved(kept["session"], checkpoint, forwarded(request.headers))
        except VUNetError:
            return None
