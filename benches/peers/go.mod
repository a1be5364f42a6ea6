module dcrcold/benches/peers

go 1.19

require github.com/decred/dcrd/crypto/blake256 v1.1.0

require github.com/decred/dcrd/dcrec/secp256k1/v4 v4.4.1
