"""Words of the field guide as it comes with the software: what people really confuse (Kruk et al. 2022, A&A 661, A85), in plain Markdown.

Each entry: how it looks, and how to tell it from an asteroid. Its picture is `static/img/guide/<slug>.jpg`, drawn by the simulator.
"""

FIELD_GUIDE = [
    {
        "slug": "asteroid-trail",
        "title": "Asteroid: a straight trail",
        "body": (
            "A line with **soft edges, as wide as a star**, evenly bright along its length. Most are 5 to 30 seconds of arc long: a twentieth "
            "to a third of the image. It is straight when the exposure was short or the asteroid far away.\n\n"
            "**How to tell:** both ends lie inside the image, and it is as wide at the ends as in the middle."
        ),
    },
    {
        "slug": "asteroid-curved",
        "title": "Asteroid: a curved trail",
        "body": (
            "The same soft line, bent like a shallow bow. Hubble flies around the Earth once in 95 minutes; seen from a moving place, "
            "the asteroid draws a curve. **The nearer it is, the more its trail bends.**\n\n"
            "**How to tell:** the bow is even, and nothing bright lies in its middle. A gravitational arc bends around a galaxy."
        ),
    },
    {
        "slug": "asteroid-s-shaped",
        "title": "Asteroid: an S-shaped trail",
        "body": (
            "Over half an orbit or more, Hubble's own motion turns back, and the trail swings to one side and then to the other: "
            "an **S, a hook, or a little loop**.\n\n"
            "**How to tell:** nothing else in the sky draws a smooth S as thin as a star. These come near the Earth: a fine find."
        ),
    },
    {
        "slug": "asteroid-interrupted",
        "title": "Asteroid: an interrupted trail",
        "body": (
            "One image is often the sum of several exposures. Between them the shutter was closed, but the asteroid moved on: the trail "
            "becomes a **row of dashes on one line**.\n\n"
            "**How to tell:** the dashes are alike, and so are the gaps. Mark it as **one** trail, from the first end to the last."
        ),
    },
    {
        "slug": "asteroid-pieces",
        "title": "Asteroid: a trail in several pieces",
        "body": (
            "Sometimes only some of the exposures show it, or it crosses the gap between two detectors: **pieces far apart that continue "
            "each other**, brighter here, fainter there.\n\n"
            "**How to tell:** lay a line through the pieces. If it joins them in one smooth sweep, they are one trail: mark its two far ends."
        ),
    },
    {
        "slug": "satellite-trail",
        "title": "Satellite trail",
        "body": (
            "A long, **perfectly straight** line that enters at one edge of the image and leaves at another. Often broader and brighter than "
            "an asteroid's, sometimes double, sometimes blinking. Satellites fly close above Hubble and cross the view in a second.\n\n"
            "**How to tell:** it has no ends inside the image. Tag it #satellite in Talk."
        ),
    },
    {
        "slug": "cosmic-ray",
        "title": "Cosmic ray",
        "body": (
            "A fast particle that hit the camera itself. **Short, thin and sharp**, often with a bright head, in any direction, and there "
            "are many of them. No light made it, so it is not blurred as stars are.\n\n"
            "**How to tell:** zoom in. A cosmic ray is a chain of single pixels with hard edges; a trail is soft and as wide as a star. "
            "This is what people take for an asteroid most often."
        ),
    },
    {
        "slug": "diffraction-spike",
        "title": "Diffraction spike",
        "body": (
            "A straight ray that **points away from a bright star**, one of four that make a cross, fading outwards. The struts that hold "
            "Hubble's small mirror cause them.\n\n"
            "**How to tell:** follow it back: there is a star at its end, perhaps just outside the image. All spikes in one image "
            "point in the same four directions."
        ),
    },
    {
        "slug": "edge-on-galaxy",
        "title": "Galaxy seen from its edge",
        "body": (
            "A disc seen from the side looks like a short needle: **thick and bright in the middle**, thin at both ends.\n\n"
            "**How to tell:** an asteroid's trail is as thick at its ends as in the middle, and has no bright centre."
        ),
    },
    {
        "slug": "galaxy-jet",
        "title": "Jet of a galaxy",
        "body": (
            "A thin, knotty ray that **comes out of the bright centre of a galaxy**: gas shot out by a black hole.\n\n"
            "**How to tell:** one end sits in a galaxy or a very bright point, and it is lumpy. Jets are rare: tag it #jet in Talk."
        ),
    },
    {
        "slug": "gravitational-arc",
        "title": "Gravitational arc",
        "body": (
            "A distant galaxy whose light was bent by a heavy galaxy or a cluster in front. The arc **curves around something bright**, is "
            "thickest in the middle and fades towards its ends.\n\n"
            "**How to tell:** look for the galaxies inside its bow. It is broader than a star and has no gaps. "
            "Arcs are rare and wanted: tag it #gravitational_lens in Talk."
        ),
    },
    {
        "slug": "ghost",
        "title": "Ghost",
        "body": (
            "Light of a bright star that was mirrored inside the camera: a **pale ring, disc or figure eight** with soft edges, often in a "
            "row with others.\n\n"
            "**How to tell:** it is large, faint and round. If you see only a part of a ring, follow it: a trail does not close."
        ),
    },
    {
        "slug": "chip-edge",
        "title": "Edge of the detector",
        "body": (
            "A **sharp, straight border** with black, or with noise of another kind: the edge of the detector, or the gap between its two "
            "halves. Beside it fewer exposures overlap, so the image is noisier and cosmic rays are left over.\n\n"
            "**How to tell:** it runs across the whole image, and the sky differs on its two sides."
        ),
    },
]
