"""Having Agora keep people out of a channel: rules, worker, REST client."""
