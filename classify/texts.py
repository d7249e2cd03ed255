"""Words of the seeds: tutorials and help, in plain Markdown. Rows once made belong to the team; `classify.seeds` says what is brought up to date.

The picture of a page is a file of the software (`img/guide/...`, drawn by `./run manage draw_guide`) or the key of one that the team uploaded.
"""

_WELCOME = {
    "title": "Welcome",
    "body": (
        "These are images as the Hubble Space Telescope takes them; below each stands who made it. While Hubble looks at something far away, "
        "now and then an **asteroid** crosses the view. It moves while the shutter is open, so it leaves a **trail**. Most of Hubble's images "
        "have never been searched for trails."
    ),
    "image": "img/guide/asteroid-curved.jpg",
}
_LOOKS = {
    "title": "What a trail looks like",
    "body": (
        "A line with soft edges, as wide as a star is, and even along its length. It is often **a little curved**, because Hubble itself flies "
        "around the Earth while it looks. Where several exposures were added, it is broken by **gaps**."
    ),
    "image": "img/guide/asteroid-interrupted.jpg",
}
_MARK = {
    "title": "Answer, then mark both ends",
    "body": (
        "If you see a trail, choose **Yes**, and click its beginning and its end, or drag along it. Which end is which does not matter. "
        "If there is a second trail, mark it too. Then press **Done**. With keys: **Y**, **N**, **I**, and **Enter**."
    ),
    "image": "img/guide/mark-ends.jpg",
}
_FAINT = {
    "title": "Faint trails hide",
    "body": (
        "The left half shows an image as it comes, the right half the same sky with more contrast. Zoom in, and turn **contrast and "
        "brightness** up and down: faint trails come out of the dark, and nobody has found those yet."
    ),
    "image": "img/guide/faint.jpg",
}
_NOT = {
    "title": "What is not an asteroid",
    "body": (
        "Satellites cross the whole image, straight as a ruler. Cosmic rays are thin, sharp and short. Bright stars have spikes. Some "
        "galaxies are bent into arcs. The **field guide** shows them all beside the image whenever you like."
    ),
    "image": "img/guide/look-alikes.jpg",
}
_CALM = {
    "title": "You cannot break anything",
    "body": (
        "Every image is seen by several people, and you can take an answer back for ten seconds. If an image is too poor to say, choose "
        "*Impossible to tell*: that helps, too. Now and then we show an image **whose answer we know**, and tell you at once how you did."
    ),
    "image": "",
}

TUTORIAL = [_WELCOME, _LOOKS, _MARK, _FAINT, _NOT, _CALM]

TRAINING_TUTORIAL = [
    {
        "title": "Welcome to Training",
        "body": (
            "The answer to every image here is known. You look, you answer, and you **see at once** what was there. Nothing you say here "
            "counts, so be bold. Twenty images are enough to get the eye."
        ),
        "image": "img/guide/asteroid-curved.jpg",
    },
    _LOOKS,
    _MARK,
    _NOT,
]

SATELLITE_TUTORIAL = [
    {
        "title": "Satellites in the view",
        "body": (
            "Satellites fly above Hubble and cross its view in a moment. Their trails are **straight, long, and often broad**. How many are "
            "there, and do they become more? You help to find out."
        ),
        "image": "img/guide/satellite-trail.jpg",
    },
    {
        "title": "Mark where it comes in and goes out",
        "body": (
            "If you see a satellite's trail, choose **Yes** and mark its two ends, where it enters and leaves the image. If there are "
            "several, mark each. A **short, curved** trail is an asteroid: answer No, and tell us in Talk with #asteroid."
        ),
        "image": "img/guide/satellite-ends.jpg",
    },
]

REVIEW_TUTORIAL = [
    {
        "title": "Check what the machine found",
        "body": (
            "A program that has learnt from people's answers searched the images. Here it asks: what is this? Sometimes it draws the line it "
            "means, sometimes it does not, so that we can measure how much the drawing sways us. **Say what you see**, not what it wants."
        ),
        "image": "img/guide/suggested.jpg",
    },
    {
        "title": "Keep the line, or mark your own",
        "body": (
            "If it is a trail and a line is drawn on it, keep that line with one click (or the key **K**). If no line is drawn, or it lies "
            "wrong, mark both ends. If it is something else, say what: the field guide helps to tell things apart."
        ),
        "image": "img/guide/look-alikes.jpg",
    },
]

QUESTION_HELP = (
    "Look over the whole image once, then zoom in. An asteroid's trail is a **soft line, as wide as a star**, often slightly curved, "
    "sometimes in pieces.\n\n"
    "- **Yes**: you see at least one, even a faint one.\n"
    "- **No**: you looked and see none. Satellites, cosmic rays and spikes are a No.\n"
    "- **Impossible to tell**: the image is too poor, or full of cosmic rays."
)
MARK_HELP = (
    "Click one end of the trail, then the other, or drag along it. Zoom in first if it is short. Each end can be moved afterwards, also "
    "with the arrow keys.\n\n"
    "A trail in pieces is **one** trail: mark from the beginning of the first piece to the end of the last. Where it leaves the image, "
    "mark the edge."
)
ANOTHER_HELP = (
    "Some fields close to the plane of the solar system show two, three or more asteroids. Look again, above all for fainter ones. "
    "The pieces of one broken trail are not another trail."
)
SATELLITE_HELP = (
    "A satellite's trail is **straight and crosses the image** from edge to edge. It may be broad, double, or blink.\n\n"
    "- **Yes**: you see at least one.\n"
    "- **No**: none, or only an asteroid (short, curved) or a cosmic ray (short, sharp).\n"
    "- **Impossible to tell**: the image is too poor."
)
SATELLITE_MARK_HELP = "Mark where the trail enters the image and where it leaves it. If it ends inside the image, mark that end."
REVIEW_HELP = (
    "Say what the machine has found. Only **asteroid** and **satellite** trails are marked; for everything else the answer is enough. "
    "If you see nothing at all where it points, choose *Nothing there*."
)
REVIEW_MARK_HELP = "Keep the drawn line if it lies on the trail from end to end. Otherwise mark both ends yourself."
