"""What the room says and does: Stop!, interventions, reasons, responses from the floor, a minute for oneself."""
