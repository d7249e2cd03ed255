"""The seeds' words in Spanish. Rows once made belong to the team; `classify.seeds` says what is brought up to date."""

from typing import Any

_LOOKS = {
    "title": "Cómo es una traza",
    "body": (
        "Una línea de bordes suaves, tan ancha como una estrella y uniforme en toda su longitud. Suele estar **un poco curvada**, porque "
        "Hubble vuela alrededor de la Tierra mientras mira. Donde se sumaron varias exposiciones, la interrumpen **huecos**."
    ),
}
_MARK = {
    "title": "Responde y marca los dos extremos",
    "body": (
        "Si ves una traza, elige **Sí** y haz clic en su principio y en su final, o arrastra a lo largo de ella. Da igual cuál es cuál. "
        "Si hay una segunda traza, márcala también. Después pulsa **Listo**. Con teclas: **1**, **2**, **3** e **Intro**."
    ),
}
_NOT = {
    "title": "Qué no es un asteroide",
    "body": (
        "Los satélites cruzan toda la imagen, rectos como una regla. Los rayos cósmicos son finos, nítidos y cortos. Las estrellas "
        "brillantes tienen puntas. Algunas galaxias se ven dobladas en arcos. La **guía de campo** los enseña todos junto a la imagen "
        "cuando quieras."
    ),
}
_TUTORIAL = [
    {
        "title": "Te damos la bienvenida",
        "body": (
            "Son imágenes como las que toma el telescopio espacial Hubble; debajo de cada una se dice quién la hizo. Mientras Hubble mira algo "
            "lejano, de vez en cuando un **asteroide** cruza el campo. Se mueve con el obturador abierto y por eso deja una **traza**. En la "
            "mayoría de las imágenes de Hubble nadie ha buscado trazas todavía."
        ),
    },
    _LOOKS,
    _MARK,
    {
        "title": "Las trazas débiles se esconden",
        "body": (
            "La mitad izquierda muestra una imagen tal como llega; la derecha, el mismo cielo con más contraste. Amplía, y sube y baja el "
            "**contraste y el brillo**: las trazas débiles salen de la oscuridad, y esas no las ha encontrado nadie todavía."
        ),
    },
    _NOT,
    {
        "title": "No puedes estropear nada",
        "body": (
            "Cada imagen la ven varias personas, y puedes retirar una respuesta durante diez segundos. Si una imagen es demasiado mala, elige "
            "*No se puede saber*: eso también ayuda. De vez en cuando mostramos una imagen **cuya respuesta conocemos** y te decimos "
            "enseguida qué tal."
        ),
    },
]
_TRAINING_TUTORIAL = [
    {
        "title": "Bienvenida al entrenamiento",
        "body": (
            "Aquí se conoce la respuesta de cada imagen. Miras, respondes y **ves enseguida** qué había. Nada de lo que digas aquí cuenta, así "
            "que atrévete. Veinte imágenes bastan para acostumbrar el ojo."
        ),
    },
    _LOOKS,
    _MARK,
    _NOT,
]
_SATELLITE_TUTORIAL = [
    {
        "title": "Satélites en la vista",
        "body": (
            "Los satélites vuelan por encima de Hubble y cruzan su vista en un momento. Sus trazas son **rectas, largas y a menudo anchas**. "
            "¿Cuántos hay? ¿Son cada vez más? Tú ayudas a averiguarlo."
        ),
    },
    {
        "title": "Marca por dónde entra y por dónde sale",
        "body": (
            "Si ves la traza de un satélite, elige **Sí** y marca sus dos extremos, donde entra en la imagen y donde sale. Si hay varias, "
            "marca cada una. Una traza **corta y curva** es un asteroide: responde No y cuéntanoslo en Talk con #asteroid."
        ),
    },
]
_REVIEW_TUTORIAL = [
    {
        "title": "Comprueba lo que encontró la máquina",
        "body": (
            "Un programa que ha aprendido de las respuestas de la gente ha buscado en las imágenes. Aquí pregunta: ¿qué es esto? A veces "
            "dibuja la línea a la que se refiere y a veces no, para medir cuánto nos influye el dibujo. **Di lo que ves**, no lo que él quiere."
        ),
    },
    {
        "title": "Conserva la línea o marca la tuya",
        "body": (
            "Si es una traza y hay una línea dibujada sobre ella, conserva esa línea con un clic (o con la tecla **K**). Si no hay línea, o "
            "está mal puesta, marca los dos extremos. Si es otra cosa, di qué: la guía de campo ayuda a distinguir."
        ),
    },
]

_ANSWERS = {"yes": "Sí", "no": "No", "impossible": "No se puede saber"}
_MARK_HELP = (
    "Haz clic en un extremo de la traza y luego en el otro, o arrastra a lo largo de ella. Si es corta, amplía antes. Después puedes mover "
    "cada extremo, también con las flechas del teclado.\n\n"
    "Una traza en trozos es **una sola** traza: marca desde el principio del primer trozo hasta el final del último. Donde sale de la "
    "imagen, marca el borde."
)
_TRAIL: dict[str, Any] = {
    "T0": {
        "question": "¿Se ve la traza de un asteroide en las imágenes?",
        "answers": _ANSWERS,
        "help": (
            "Mira primero toda la imagen y luego amplía. La traza de un asteroide es una **línea suave, tan ancha como una estrella**, a "
            "menudo un poco curvada, a veces en trozos.\n\n"
            "- **Sí**: ves al menos una, aunque sea débil.\n"
            "- **No**: has mirado y no ves ninguna. Satélites, rayos cósmicos y puntas son un No.\n"
            "- **No se puede saber**: la imagen es demasiado mala o está llena de rayos cósmicos."
        ),
    },
    "T1": {"instruction": "Marca el principio y el final de la traza.", "help": _MARK_HELP},
    "T2": {
        "question": "¿Se ve alguna otra traza de asteroide?",
        "answers": {"yes": "Sí", "no": "No"},
        "help": (
            "Algunos campos cercanos al plano del sistema solar muestran dos, tres o más asteroides. Mira otra vez, sobre todo buscando "
            "otros más débiles. Los trozos de una traza partida no son otra traza."
        ),
    },
    "T3": {"instruction": "Marca el principio y el final de esta traza.", "help": _MARK_HELP},
}

WORKFLOWS_ES: dict[str, dict[str, Any]] = {
    "training": {
        "name": "Entrenamiento",
        "summary": "Imágenes cuya respuesta se conoce: ves enseguida si acertaste. Nada de lo que digas aquí cuenta.",
        "steps": _TRAIL,
        "tutorial": _TRAINING_TUTORIAL,
    },
    "classify": {
        "name": "Buscar asteroides",
        "summary": "Imágenes en las que nadie ha buscado asteroides todavía. Diez personas miran cada una.",
        "steps": _TRAIL,
        "tutorial": _TUTORIAL,
    },
    "review": {
        "name": "Comprobar la máquina",
        "summary": "Un programa que aprendió de las respuestas de la gente ha encontrado algo. Tres personas dicen qué es.",
        "steps": {
            "T0": {
                "question": "¿Qué es esto?",
                "blind_question": "¿Hay aquí una traza? ¿De qué es?",
                "answers": {
                    "asteroid": "Traza de asteroide",
                    "satellite": "Traza de satélite",
                    "arc": "Arco gravitacional",
                    "cosmic_ray": "Rayo cósmico",
                    "artefact": "Punta, borde u otro artefacto",
                    "nothing": "No hay nada",
                },
                "help": (
                    "Di qué ha encontrado la máquina. Solo se marcan las trazas de **asteroides** y **satélites**; para lo demás basta la "
                    "respuesta. Si no ves nada donde señala, elige *No hay nada*."
                ),
            },
            "T1": {
                "instruction": "Conserva la línea propuesta si está sobre la traza, o marca los dos extremos.",
                "blind_instruction": "Marca los dos extremos de lo que ves.",
                "help": "Conserva la línea dibujada si coincide con la traza de un extremo a otro. Si no, marca tú los dos extremos.",
            },
        },
        "tutorial": _REVIEW_TUTORIAL,
    },
    "satellites": {
        "name": "Buscar satélites",
        "summary": "¿Con qué frecuencia cruzan satélites la vista de Hubble? Diez personas miran cada imagen.",
        "steps": {
            "T0": {
                "question": "¿Se ve la traza de un satélite en las imágenes?",
                "answers": _ANSWERS,
                "help": (
                    "La traza de un satélite es **recta y cruza la imagen** de borde a borde. Puede ser ancha, doble o intermitente.\n\n"
                    "- **Sí**: ves al menos una.\n"
                    "- **No**: ninguna, o solo un asteroide (corto, curvo) o un rayo cósmico (corto, nítido).\n"
                    "- **No se puede saber**: la imagen es demasiado mala."
                ),
            },
            "T1": {
                "instruction": "Marca los dos extremos de la traza, donde entra en la imagen y donde sale.",
                "help": "Marca por dónde entra la traza en la imagen y por dónde sale. Si termina dentro de la imagen, marca ese extremo.",
            },
        },
        "tutorial": _SATELLITE_TUTORIAL,
    },
}
