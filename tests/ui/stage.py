"""What a person does on the stage, and what they see there."""

import io

import numpy as np
from PIL import Image

MOVED = 0.4  # mean grey levels over the whole picture that a moved arm changes at least
SAME = 0.15


def picture(page):
    """The rendered picture that is on the stage, as the browser shows it: (H, W, 3) int."""
    shown = page.locator(".vu-picture").evaluate(
        """(image) => image.decode().catch(() => image.decode()).then(() => {  // once more if the next one came
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 256;  // what is drawn while a hand moves, and finer pictures at rest
            canvas.getContext("2d").drawImage(image, 0, 0, 256, 256);
            return canvas.toDataURL("image/png").split(",")[1];
        })"""
    )
    import base64

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(shown))).convert("RGB")).astype(int)


def small(saved):
    """A saved picture (S, S, C) at the size of `picture`."""
    shown = Image.fromarray(saved[..., :3].astype(np.uint8)).resize((256, 256), Image.Resampling.BILINEAR)
    return np.asarray(shown).astype(int)


def stable_picture(page, since=None):
    """Waits until the last request is answered (and, if given, until one later than `since` is), then looks."""
    page.wait_for_function(
        """(since) => {
            const editor = document.querySelector(".vu-editor"), { sent, painted, finer } = editor.dataset;
            const final = finer !== "true" || editor.classList.contains("vu-dragging");
            return sent && sent === painted && final && (since === null || Number(painted) > since);
        }""",
        arg=since,
    )
    return picture(page)


def until(page, happened, seconds=30):
    """Waits for what only Python can tell: a busy machine takes its time, so no test counts on a fixed pause."""
    for _ in range(10 * seconds):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not within {seconds} seconds")


def painted(page):
    return int(page.locator(".vu-editor").get_attribute("data-painted"))


def tool(page, name):
    """A tool above the stage; the menu of the rare ones is opened where it is there."""
    found = page.locator(f'.vu-bar [data-do="{name}"]')
    if found.evaluate("(node) => Boolean(node.closest('.vu-menu'))"):
        open_menu(page)
    return found


def open_menu(page):
    page.locator(".vu-more").evaluate("(menu) => { menu.open = true; }")


def save_menu(page, name):
    """An entry of the menu *Save*, which is opened first."""
    if not page.locator("#save-png").is_visible():
        page.locator("#save-menu > button").click()
    return page.locator(f"#{name}")


def centre(page, joint):
    return middle(page, f'[data-joint="{joint}"] .vu-dot')


def spot(page, joint):
    """Where a joint is on the canvas, in fractions: layout and scrolling do not matter."""
    return tuple(
        page.locator(f'[data-joint="{joint}"] .vu-dot').evaluate(
            """(dot) => {  // at one moment: the page may be scrolling
                const [a, b] = [dot, dot.ownerSVGElement].map((element) => element.getBoundingClientRect());
                return [(a.x + a.width / 2 - b.x) / b.width, (a.y + a.height / 2 - b.y) / b.height];
            }"""
        )
    )


def middle(page, selector):
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, joint, dx, dy, release=True, steps=8):
    x, y = centre(page, joint)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, steps + 1):
        page.mouse.move(x + dx * i / steps, y + dy * i / steps)
        page.wait_for_timeout(16)
    if release:
        page.mouse.up()


def wait_for_gallery(page, count=8):
    page.wait_for_function(f"document.querySelectorAll('#looks img').length >= {count}")


def tab(page, name):
    """Opens a tab beside the stage: looks, poses, wardrobe, transfer, motion."""
    page.locator(f"#tab-{name}-button").click()


def visit(page, url):
    """Opens the page as somebody who was never there: what an open one was about to write down goes first."""
    page.goto("about:blank")
    forget = {"origin": url, "storageTypes": "local_storage"}
    page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", forget)
    page.goto(url)
    page.wait_for_selector("[data-painted]")


def come_to_rest(page):
    """Waits as a visitor does before leaving: an answer that is cut off is an error in Gradio."""
    wait_for_gallery(page)
    page.wait_for_timeout(500)


def reload(page):
    """Opens the page again in the same browser."""
    come_to_rest(page)
    page.reload()
    page.wait_for_selector("[data-painted]")


def difference(a, b):
    return np.abs(a - b).mean()


def backdrop(page, name):
    """Chooses what is behind the skeleton."""
    open_menu(page)
    page.locator(".vu-backdrop").select_option(name)
