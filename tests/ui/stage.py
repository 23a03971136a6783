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
            canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
            canvas.getContext("2d").drawImage(image, 0, 0);
            return canvas.toDataURL("image/png").split(",")[1];
        })"""
    )
    import base64

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(shown))).convert("RGB")).astype(int)


def stable_picture(page, since=None):
    """Waits until the last request is answered (and, if given, until one later than `since` is), then looks."""
    page.wait_for_function(
        """(since) => {
            const { sent, painted } = document.querySelector(".vu-editor").dataset;
            return sent && sent === painted && (since === null || Number(painted) > since);
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
    return page.locator(f'.vu-bar [data-do="{name}"]')


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
    """Opens a tab of the right column: looks, wardrobe, transfer, motion."""
    page.get_by_role("tab").nth(["looks", "wardrobe", "transfer", "motion"].index(name)).click()


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
