"""The seeds' words in Spanish. Rows once made belong to the team and are not overwritten."""

from typing import Any

_TUTORIAL = [
    {
        "title": "Te damos la bienvenida",
        "body": (
            "Las imágenes vienen del telescopio espacial Hubble. Mientras Hubble miraba algo lejano, de vez en cuando un asteroide cruzaba "
            "el campo. Se movía durante la exposición y por eso dejó una **traza**. La mayoría de estas imágenes no las ha buscado nadie "
            "todavía. ¿Miras tú?"
        ),
    },
    {
        "title": "Cómo es una traza",
        "body": (
            "La traza de un asteroide es una línea de bordes suaves, tan ancha como una estrella. Suele estar **un poco curvada**, porque "
            "Hubble también se mueve alrededor de la Tierra mientras mira. Puede ser corta o cruzar toda la imagen. En las imágenes que "
            "suman varias exposiciones está partida en trozos con huecos."
        ),
    },
    {
        "title": "Qué hay que hacer",
        "body": (
            "Responde a la pregunta. Si ves una traza, marca **los dos extremos**. Amplía la imagen y cambia el brillo y el contraste como "
            "quieras: así aparecen las trazas débiles. Si la imagen es demasiado mala para decidir, elige *No se puede saber*. No puedes "
            "estropear nada: cada imagen la ven varias personas, y durante unos segundos puedes retirar tu respuesta."
        ),
    },
    {
        "title": "Qué no es un asteroide",
        "body": (
            "Los satélites dejan líneas largas y rectas de borde a borde. Los rayos cósmicos son cortos, nítidos y finos. Las estrellas "
            "brillantes tienen cuatro puntas. Algunas galaxias se ven dobladas en arcos finos. La guía de campo los enseña todos y está "
            "siempre a mano junto a la imagen."
        ),
    },
]

_REVIEW_TUTORIAL = [
    {
        "title": "Comprueba lo que encontró la máquina",
        "body": (
            "Un programa que ha aprendido de las respuestas de la gente ha buscado en las imágenes. Aquí pregunta: ¿qué es esto? A veces "
            "dibuja la línea a la que se refiere y a veces no, para medir cuánto nos influye el dibujo. Di lo que ves, no lo que él quiere."
        ),
    },
    {
        "title": "Conservar o marcar",
        "body": (
            "Si es una traza y hay una línea dibujada sobre ella, puedes conservar esa línea con un clic. Si no hay ninguna línea, marca "
            "los dos extremos."
        ),
    },
]


def _trail_steps(question: str, instruction: str) -> dict[str, Any]:
    answers = {"yes": "Sí", "no": "No", "impossible": "No se puede saber"}
    return {"T0": {"question": question, "answers": answers}, "T1": {"instruction": instruction}}


_TRAIL = _trail_steps(
    "¿Se ve la traza de un asteroide en las imágenes?",
    "Haz clic en un extremo de la traza y luego en el otro, o arrastra a lo largo de ella. Si hay varias trazas, marca cada una.",
)

WORKFLOWS_ES: dict[str, dict[str, Any]] = {
    "training": {
        "name": "Entrenamiento",
        "summary": "Imágenes cuya respuesta se conoce: ves enseguida si acertaste. Nada de lo que digas aquí cuenta.",
        "steps": _TRAIL,
        "tutorial": _TUTORIAL,
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
            },
            "T1": {
                "instruction": "Conserva la línea propuesta si está sobre la traza, o marca los dos extremos.",
                "blind_instruction": "Marca los dos extremos de lo que ves.",
            },
        },
        "tutorial": _REVIEW_TUTORIAL,
    },
    "satellites": {
        "name": "Buscar satélites",
        "summary": "¿Con qué frecuencia cruzan satélites la vista de Hubble? Diez personas miran cada imagen.",
        "steps": _trail_steps(
            "¿Se ve la traza de un satélite en las imágenes?",
            "Marca los dos extremos de la traza, donde entra en la imagen y donde sale.",
        ),
        "tutorial": _TUTORIAL[:1],
    },
}

FIELD_GUIDE_ES: dict[str, dict[str, str]] = {
    "asteroid-trail": {
        "title": "Traza de asteroide",
        "body": (
            "Una línea de bordes suaves, más o menos tan ancha como una estrella y de brillo uniforme. **Suele estar un poco curvada**, a "
            "veces como una S, porque Hubble se mueve mientras mira. Donde se sumaron varias exposiciones, la traza tiene huecos; los "
            "trozos van juntos."
        ),
    },
    "satellite-trail": {
        "title": "Traza de satélite",
        "body": (
            "Una línea larga y **perfectamente recta** que entra por un borde de la imagen y sale por otro. Suele ser más ancha y brillante "
            "que la de un asteroide; a veces es doble. Los satélites pasan cerca, por encima de Hubble, y cruzan la vista en un momento."
        ),
    },
    "cosmic-ray": {
        "title": "Rayo cósmico",
        "body": (
            "Una partícula rápida que chocó con la propia cámara. **Corta, muy fina y nítida**, a menudo más brillante en un extremo, en "
            "cualquier dirección, y hay muchas. No está borrosa como las estrellas: no la hizo la luz."
        ),
    },
    "gravitational-arc": {
        "title": "Arco gravitacional",
        "body": (
            "Una galaxia lejana cuya luz fue doblada por una galaxia o un cúmulo con mucha masa que está delante. El arco **rodea algo "
            "brillante**, es más grueso en el centro y se apaga hacia los extremos. Etiquétalo en Talk: los arcos son escasos y valiosos."
        ),
    },
    "diffraction-spike": {
        "title": "Punta de difracción",
        "body": (
            "Un rayo recto que **sale de una estrella brillante**, uno de los cuatro que forman una cruz. Lo causan los soportes del espejo "
            "pequeño de Hubble. La estrella puede estar justo fuera de la imagen."
        ),
    },
    "chip-edge": {
        "title": "Borde y hueco del detector",
        "body": (
            "Una banda oscura o con ruido y con un **límite recto y nítido**: el borde del detector o el hueco entre sus dos mitades. Cerca "
            "de él la imagen tiene más ruido y quedan restos de rayos cósmicos."
        ),
    },
    "edge-on-galaxy": {
        "title": "Galaxia vista de canto",
        "body": (
            "Un disco visto de lado parece una aguja corta: **gruesa y brillante en el centro**, fina en los extremos. Una traza es igual de "
            "gruesa en los extremos que en el centro."
        ),
    },
}
