"""Words of the seeds: tutorials and field guide, in plain Markdown. Rows once made belong to the team and are not overwritten."""

TUTORIAL = [
    {
        "title": "Welcome",
        "body": (
            "The images come from the Hubble Space Telescope. While Hubble looked at something far away, now and then an asteroid crossed "
            "the view. It moved during the exposure, so it left a **trail**. Nobody has looked at most of these images for that. Will you?"
        ),
        "image": "",
    },
    {
        "title": "What a trail looks like",
        "body": (
            "An asteroid trail is a line with soft edges, as wide as a star is. It is often **slightly curved**, because Hubble itself moves "
            "around the Earth while it looks. It can be short or cross the whole image. In images added from several exposures it is broken "
            "into pieces with gaps."
        ),
        "image": "",
    },
    {
        "title": "What to do",
        "body": (
            "Answer the question. If you see a trail, mark **both ends**. Zoom in and turn brightness and contrast as you like: faint trails "
            "show themselves then. If the image is too bad to say, choose *Impossible to tell*. You cannot break anything: every image is "
            "seen by several people, and you can take your answer back for a few seconds."
        ),
        "image": "",
    },
    {
        "title": "What is not an asteroid",
        "body": (
            "Satellites leave long, straight lines from edge to edge. Cosmic rays are short, sharp and thin. Bright stars have four spikes. "
            "Some galaxies are bent into thin arcs. The field guide shows them all, and is always at hand beside the image."
        ),
        "image": "",
    },
]

REVIEW_TUTORIAL = [
    {
        "title": "Check what the machine found",
        "body": (
            "A program that has learnt from people's answers searched the images. Here it asks: what is this? Sometimes it draws the line it "
            "means, sometimes it does not, so that we can measure how much the drawing sways us. Say what you see, not what it wants."
        ),
        "image": "",
    },
    {
        "title": "Keep or mark",
        "body": "If it is a trail and a line is drawn on it, you can keep that line with one click. If no line is drawn, mark both ends.",
        "image": "",
    },
]

FIELD_GUIDE = [
    {
        "slug": "asteroid-trail",
        "title": "Asteroid trail",
        "body": (
            "A line with soft edges, about as wide as a star, with an even brightness along it. **Usually a little curved**, sometimes like an "
            "S, because Hubble moves while it looks. Where several exposures were added, the trail has gaps; both pieces belong together."
        ),
    },
    {
        "slug": "satellite-trail",
        "title": "Satellite trail",
        "body": (
            "A long, **perfectly straight** line that enters at one edge of the image and leaves at another. Often broader and brighter than "
            "an asteroid's, sometimes a double line. Satellites fly close above Hubble and cross the view in a moment."
        ),
    },
    {
        "slug": "cosmic-ray",
        "title": "Cosmic ray",
        "body": (
            "A fast particle that hit the camera itself. **Short, very thin and sharp**, often brighter at one end, in any direction, and "
            "there are many. It is not blurred as stars are: no light made it."
        ),
    },
    {
        "slug": "gravitational-arc",
        "title": "Gravitational arc",
        "body": (
            "A distant galaxy whose light was bent by a heavy galaxy or cluster in front. The arc **curves around something bright**, is "
            "thickest in the middle and fades towards its ends. Tag it in Talk: arcs are rare and wanted."
        ),
    },
    {
        "slug": "diffraction-spike",
        "title": "Diffraction spike",
        "body": (
            "A straight ray that **starts at a bright star**, one of four that form a cross. The struts that hold Hubble's small mirror make "
            "them. The star may lie just outside the image."
        ),
    },
    {
        "slug": "chip-edge",
        "title": "Chip edge and gap",
        "body": (
            "A dark or noisy band with a **straight, sharp border**: the edge of the detector, or the gap between its two halves. Near it the "
            "image is noisier, and cosmic rays are left over."
        ),
    },
    {
        "slug": "edge-on-galaxy",
        "title": "Galaxy seen from its edge",
        "body": (
            "A disc seen from the side looks like a short needle: **thick and bright in the middle**, thin at both ends. A trail is as thick "
            "at its ends as in its middle."
        ),
    },
]
