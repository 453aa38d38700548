"""Words from which people, courses and teams are made up."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

FIRST_NAMES = (
    "Amara", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "Grace", "Hiroshi", "Inés", "Jakub", "Keiko", "Liam",
    "Mina", "Noah", "Oluwaseun", "Priya", "Quentin", "Rosa", "Søren", "Thảo", "Umar", "Valentina", "Wei", "Ximena",
    "Yusuf", "Zoë", "Aiko", "Bastien", "Carmen", "Darius", "Eszter", "Felix",
)  # fmt: skip
LAST_NAMES = (
    "Almeida", "Bauer", "Castillo", "Dąbrowski", "Eriksson", "Fournier", "García", "Haddad", "Ivanova", "Jensen",
    "Kowalczyk", "Lindqvist", "Müller", "Nakamura", "O'Connor", "Petrov", "Quispe", "Rossi", "Smith-Jones", "Takahashi",
    "Ünal", "Vasquez", "Wójcik", "Xu", "Yamamoto", "Zhang", "Okafor", "Papadopoulos", "Ramanathan", "Silva", "Tanaka",
)  # fmt: skip
TEAM_NAMES = (
    "Engineering", "Platform", "Data & Analytics", "Security", "Customer Success", "Finance", "Équipe Lyon",
    "Forschung", "Mobile", "Quality", "Operations", "Design",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """What a course is about, and where that stands in the tree of topics."""

    tool: str
    topic: str
    domain: str
    super_domain: str


SUBJECTS = tuple(
    Subject(tool, topic, domain, super_domain)
    for super_domain, domain, topic, tools in (
        ("Software Development", "Programming Languages", "Backend", ("Python", "C#", "Java", "Go", "Rust", "Kotlin")),
        ("Software Development", "Web", "Frontend", ("React", "Angular", "TypeScript", "CSS", "Vue.js")),
        ("Data", "Databases", "SQL", ("PostgreSQL", "SQL Server", "MongoDB", "Snowflake")),
        ("Data", "Machine Learning", "Deep Learning", ("PyTorch", "scikit-learn", "TensorFlow")),
        ("Cloud", "Cloud Platforms", "Infrastructure", ("AWS", "Azure", "Google Cloud", "Terraform", "Kubernetes")),
        ("Security", "Cybersecurity", "Defence", ("OWASP", "Wireshark", "Splunk", "Zero Trust")),
        ("Business", "Leadership", "Communication", ("Agile", "Scrum", "Project Management", "Public Speaking")),
    )
    for tool in tools
)
TITLES = (
    "{}: Getting Started", "{} Fundamentals", "Building Applications with {}", "{}: The Big Picture",
    "Advanced {} Patterns", "Testing in {}", "Securing {}", "{} Performance Playbook", "{} for Café Owners & Friends",
    "¿Qué hay de nuevo en {}?", "Managing Data with {}", "{} in Production",
)  # fmt: skip
LEVELS = ("Beginner", "Intermediate", "Advanced")
AUDIENCES = (
    "software-development",
    "data-professional",
    "it-ops",
    "information-cyber-security",
    "business-professional",
)
EXAMS = ("AWS Certified Solutions Architect", "CompTIA Security+", "Certified Scrum Master", "Azure Fundamentals")


def ascii_name(name: str) -> str:
    """A name as it stands in an e-mail address."""
    special = name.lower().translate(str.maketrans("øł", "ol"))
    plain = unicodedata.normalize("NFKD", special).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum() or letter == "-")
