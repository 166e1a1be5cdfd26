"""The hooks' door `POST /hooks/<connection>/<secret>`: checks, body caps, and an answer only after a durable commit."""
