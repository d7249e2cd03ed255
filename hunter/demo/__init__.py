"""What the embedded site starts with: accounts to try every role, a simulated sky, and simulated volunteers who are marked as such."""
