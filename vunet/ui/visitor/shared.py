"""What all panels and all visitors share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from vunet.errors import VUNetError
from vunet.person.framing import Person
from vunet.person.scene import has_scene
from vunet.pose.skeleton import Pose
from vunet.studio import Studio
from vunet.studio.appearance import Appearance
from vunet.ui.components.skeleton_editor import stage_value
from vunet.ui.visitor.data_urls import data_url
from vunet.ui.visitor.examples import Example, load_examples
from vunet.ui.visitor.live_render import LiveRenderer
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.look_changes import LookChanges
from vunet.ui.visitor.session import LOOKS, SESSION, Session
from vunet.ui.visitor.session_file import LookShape, Saved, read_session
from vunet.ui.visitor.share_link import Link, Sample


@dataclass
class Shared:
    """The models, the example people, and what answers drags. No visitor's state."""

    studios: Studios
    examples: list[Example] = field(default_factory=load_examples)

    @cached_property
    def live_renderer(self) -> LiveRenderer:
        """Answers drags."""
        return LiveRenderer(self.studios)

    @cached_property
    def look_changes(self) -> LookChanges:
        """Changes looks."""
        return LookChanges(self.studios, self.live_renderer)

    @property
    def studio(self) -> Studio:
        """The model that the page was started with; it finds the people of photos for all."""
        return self.studios.first

    def studio_of(self, session: Session) -> Studio:
        """The model that a visitor chose."""
        return self.studios[session.checkpoint]

    def example(self, index: int) -> Person:
        """One of the example people; raises `VUNetError`."""
        if not 0 <= index < len(self.examples):
            raise VUNetError("There is no such example person: reload the page.")
        return self.examples[index].person(self.studio.size)

    def sampled(self, sample: Sample) -> Appearance:
        """The look that a link names, by the checkpoint that the page was started with; raises `VUNetError`."""
        known = tuple(wish for wish in sample.wearing if self.studio.knows(wish))
        looks = self.studio.sample(sample.pose, LOOKS, sample.seed, sample.temperature, wearing=known)
        return looks[min(sample.index, LOOKS - 1)]

    def open_link(self, link: Link, language: str) -> tuple[Session, dict[str, Any]]:
        """What a link shows: the session, and the stage."""
        if link.sample is None:
            session, stage = self.enter(Session(), self.example(0), language)
            return session, stage | {"pose": link.pose.to_dict(), "linked": True}
        look = self.sampled(link.sample)
        session = self.reopen(Session(language=language), Saved(link.pose, look, look))
        own = data_url(self.studio.render(look, look.pose, self.studio.live_size))
        return session, stage_value(link.pose, own, session.token, new_person=True, linked=True)

    def read_saved(self, text: str, checkpoint: str, untrusted: bool) -> Saved:
        """The work in the text of a session file; raises `VUNetError`.

        checkpoint: the model that it was made with, where the text does not say. untrusted: see `Studios.load`.
        """

        def look_shape(named: str) -> LookShape:
            studio = self.studios.load(named or checkpoint, untrusted=untrusted)
            like, config = studio.sample(Pose.default(), 1)[0], studio.config
            return LookShape(like, config.parts, config.crop_size, config.best_size if config.detail_width else 0)

        saved = read_session(text, look_shape)
        return replace(saved, checkpoint=self.studios.short_name(saved.checkpoint or checkpoint))

    def reopen(self, session: Session, saved: Saved) -> Session:
        """The session with saved looks on, made by the model that they are of."""
        token = self.live_renderer.keep(saved.look, session.token, saved.checkpoint)
        session = replace(session, token=token, checkpoint=saved.checkpoint).with_person(None, saved.own)
        return session if saved.look is saved.own else session.wearing(saved.look, SESSION)

    def enter(self, session: Session, person: Person, language: str, placing: bool = False) -> tuple[Session, dict]:
        """A new person on the stage, wearing the look of their photo: the session, and what the stage shows."""
        look = self.studio_of(session).encode(person)
        token = self.live_renderer.keep(look, session.token, session.checkpoint, person)
        stage = stage_value(
            person.pose, data_url(person.backdrop), token, new_person=True, placing=placing, scene=has_scene(person)
        )
        return replace(session, language=language, token=token).with_person(person, look), stage
