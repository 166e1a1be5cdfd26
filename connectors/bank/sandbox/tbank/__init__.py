"""The wire of T-Bank: statement by cursor, holds, webhooks with the subscriber's own secret."""
