"""The words of the field guide in Spanish."""

FIELD_GUIDE_ES: dict[str, dict[str, str]] = {
    "asteroid-trail": {
        "title": "Asteroide: traza recta",
        "body": (
            "Una línea de **bordes suaves, tan ancha como una estrella** y de brillo uniforme. La mayoría mide entre 5 y 30 segundos de arco: "
            "de una vigésima parte a un tercio de la imagen. Es recta si la exposición fue corta o el asteroide está lejos.\n\n"
            "**Cómo reconocerla:** los dos extremos están dentro de la imagen, y es igual de ancha en los extremos que en el centro."
        ),
    },
    "asteroid-curved": {
        "title": "Asteroide: traza curva",
        "body": (
            "La misma línea suave, doblada como un arco poco pronunciado. Hubble da una vuelta a la Tierra cada 95 minutos; visto desde un "
            "lugar que se mueve, el asteroide dibuja una curva. **Cuanto más cerca está, más se curva su traza.**\n\n"
            "**Cómo reconocerla:** la curva es uniforme y no hay nada brillante en su centro. Un arco gravitacional rodea una galaxia."
        ),
    },
    "asteroid-s-shaped": {
        "title": "Asteroide: traza en forma de S",
        "body": (
            "Durante media órbita o más, el movimiento de Hubble cambia de sentido y la traza se desvía a un lado y luego al otro: "
            "una **S, un gancho o un pequeño bucle**.\n\n"
            "**Cómo reconocerla:** nada más en el cielo dibuja una S suave y tan fina como una estrella. Estos pasan cerca de la Tierra: "
            "un buen hallazgo."
        ),
    },
    "asteroid-interrupted": {
        "title": "Asteroide: traza interrumpida",
        "body": (
            "Una imagen suele ser la suma de varias exposiciones. Entre ellas el obturador estaba cerrado, pero el asteroide siguió "
            "moviéndose: la traza se convierte en una **fila de guiones sobre una misma línea**.\n\n"
            "**Cómo reconocerla:** los guiones se parecen, y los huecos también. Márcala como **una sola** traza, del primer extremo al último."
        ),
    },
    "asteroid-pieces": {
        "title": "Asteroide: traza en varios trozos",
        "body": (
            "A veces solo se ve en algunas de las exposiciones, o cruza el hueco entre dos detectores: **trozos separados que se continúan**, "
            "más brillantes aquí, más débiles allí.\n\n"
            "**Cómo reconocerla:** imagina una línea por los trozos. Si los une con una sola curva suave, son una traza: marca sus dos "
            "extremos más lejanos."
        ),
    },
    "satellite-trail": {
        "title": "Traza de satélite",
        "body": (
            "Una línea larga y **perfectamente recta** que entra por un borde de la imagen y sale por otro. Suele ser más ancha y brillante "
            "que la de un asteroide, a veces doble, a veces intermitente. Los satélites pasan cerca, por encima de Hubble, y cruzan la vista "
            "en un segundo.\n\n"
            "**Cómo reconocerla:** no tiene extremos dentro de la imagen. Etiquétala con #satellite en Talk."
        ),
    },
    "cosmic-ray": {
        "title": "Rayo cósmico",
        "body": (
            "Una partícula rápida que chocó con la propia cámara. **Corto, fino y nítido**, a menudo con una cabeza brillante, en cualquier "
            "dirección, y hay muchos. No lo hizo la luz, así que no está borroso como las estrellas.\n\n"
            "**Cómo reconocerlo:** amplía la imagen. Un rayo cósmico es una cadena de píxeles sueltos de bordes duros; una traza es suave y "
            "tan ancha como una estrella. Es lo que más a menudo se toma por un asteroide."
        ),
    },
    "diffraction-spike": {
        "title": "Punta de difracción",
        "body": (
            "Un rayo recto que **sale de una estrella brillante**, uno de los cuatro que forman una cruz, y se apaga hacia fuera. Lo causan "
            "los soportes del espejo pequeño de Hubble.\n\n"
            "**Cómo reconocerla:** síguela hacia atrás: en su extremo hay una estrella, quizá justo fuera de la imagen. Todas las puntas de "
            "una imagen apuntan en las mismas cuatro direcciones."
        ),
    },
    "edge-on-galaxy": {
        "title": "Galaxia vista de canto",
        "body": (
            "Un disco visto de lado parece una aguja corta: **gruesa y brillante en el centro**, fina en los dos extremos.\n\n"
            "**Cómo reconocerla:** la traza de un asteroide es igual de gruesa en los extremos que en el centro y no tiene un núcleo brillante."
        ),
    },
    "galaxy-jet": {
        "title": "Chorro de una galaxia",
        "body": (
            "Un rayo fino y con nudos que **sale del centro brillante de una galaxia**: gas lanzado por un agujero negro.\n\n"
            "**Cómo reconocerlo:** un extremo está en una galaxia o en un punto muy brillante, y tiene grumos. Los chorros son raros: "
            "etiquétalo con #jet en Talk."
        ),
    },
    "gravitational-arc": {
        "title": "Arco gravitacional",
        "body": (
            "Una galaxia lejana cuya luz fue doblada por una galaxia o un cúmulo con mucha masa que está delante. El arco **rodea algo "
            "brillante**, es más grueso en el centro y se apaga hacia los extremos.\n\n"
            "**Cómo reconocerlo:** busca las galaxias dentro de su curva. Es más ancho que una estrella y no tiene huecos. "
            "Los arcos son escasos y valiosos: etiquétalo con #gravitational_lens en Talk."
        ),
    },
    "ghost": {
        "title": "Fantasma",
        "body": (
            "Luz de una estrella brillante reflejada dentro de la cámara: un **anillo, disco u ocho pálido** de bordes suaves, a menudo en "
            "fila con otros.\n\n"
            "**Cómo reconocerlo:** es grande, débil y redondo. Si solo ves una parte de un anillo, síguela: una traza no se cierra."
        ),
    },
    "chip-edge": {
        "title": "Borde del detector",
        "body": (
            "Un **límite recto y nítido** con negro o con otro tipo de ruido: el borde del detector o el hueco entre sus dos mitades. A su "
            "lado se superponen menos exposiciones, así que la imagen tiene más ruido y quedan restos de rayos cósmicos.\n\n"
            "**Cómo reconocerlo:** cruza toda la imagen, y el cielo es distinto a cada lado."
        ),
    },
}
