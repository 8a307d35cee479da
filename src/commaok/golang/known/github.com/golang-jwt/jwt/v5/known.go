package jwt

type MapClaims map[string]any
