"""The team's pages about readers: digest control room, subscribers, mailbox."""
