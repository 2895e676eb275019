"""What Photon's servers ask and how they are answered: pure, no Django."""
