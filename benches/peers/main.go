// Measures dcrd's own modules for the Rust benches, which start this program: each line of input names a kind of work, a
// size and a number of iterations; each line of output is the nanoseconds that one iteration took.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/decred/dcrd/crypto/blake256"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// sink keeps the compiler from leaving work out.
var sink byte

func work(name string, size int) (func(), error) {
	switch name {
	case "blake256":
		message := make([]byte, size)
		return func() {
			digest := blake256.Sum256(message)
			sink ^= digest[0]
		}, nil
	case "sign":
		key := secp256k1.PrivKeyFromBytes([]byte{31: 7})
		digest := blake256.Sum256([]byte("message"))
		return func() { sink ^= ecdsa.Sign(key, digest[:]).Serialize()[9] }, nil
	case "verify":
		key := secp256k1.PrivKeyFromBytes([]byte{31: 7})
		digest := blake256.Sum256([]byte("message"))
		signature, public := ecdsa.Sign(key, digest[:]), key.PubKey()
		return func() {
			if !signature.Verify(digest[:], public) {
				panic("the signature does not verify")
			}
		}, nil
	}
	return nil, fmt.Errorf("no such work: %q", name)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var name string
		var size, iterations int
		if _, err := fmt.Sscan(lines.Text(), &name, &size, &iterations); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		once, err := work(name, size)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		start := time.Now()
		for i := 0; i < iterations; i++ {
			once()
		}
		fmt.Println(float64(time.Since(start).Nanoseconds()) / float64(iterations))
	}
}
