/* Two chains of one leaf name, valid for a hundred years: what a CA and its
 * alternate would send. */
#pragma once

#define CHAIN_A                                                              \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBhzCCAS6gAwIBAgIUYo44upCG6eJn0yTEE5NrTt+RU58wCgYIKoZIzj0EAwIw\n" \
	"EjEQMA4GA1UEAwwHSW50ZXIgQTAgFw0yNjExMjUwMjQ0NDhaGA8yMTI2MTEwMTAy\n" \
	"NDQ0OFowFzEVMBMGA1UEAwwMZXhhbXBsZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZI\n" \
	"zj0DAQcDQgAEpcbJEaJI/YvJr6/c4DxDs1SEeaYZK+DO4c1ugWm2B28HCVYYqmoI\n" \
	"oGTcKC64+HJCUNwdVHuv6UAX9VCSun+i/qNbMFkwFwYDVR0RBBAwDoIMZXhhbXBs\n" \
	"ZS50ZXN0MB0GA1UdDgQWBBSGmLrNAVAuAQpJlrcS/jDkX47prjAfBgNVHSMEGDAW\n" \
	"gBRs8a+sSvHbk7MxTwkM1E8zE3Pe9jAKBggqhkjOPQQDAgNHADBEAiBzElGlBC+6\n" \
	"UoB+2jR1uJpos1yH2UsBIUEHjN32KoSZhAIgdGNe0rxLng3Xz6IURBT2XNjpL71A\n" \
	"1byFbaX3dd6KY9c=\n"                                                 \
	"-----END CERTIFICATE-----\n"                                        \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBejCCASGgAwIBAgIUWlrAhYlCjgQvS3wuabZl6GRbUxkwCgYIKoZIzj0EAwIw\n" \
	"EjEQMA4GA1UEAwwHSW50ZXIgQTAgFw0yNjExMjUwMjQ0NDhaGA8yMTI2MTEwMTAy\n" \
	"NDQ0OFowEjEQMA4GA1UEAwwHSW50ZXIgQTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n" \
	"A0IABNIwqSqtGm5F+6znQLGupZkVMBBIxJ4b7KEV0NjsROaCnAmwIK11MeSEDXsu\n" \
	"qWtUXrqpsZYsSHJPOJFgyBNfbzijUzBRMB0GA1UdDgQWBBRs8a+sSvHbk7MxTwkM\n" \
	"1E8zE3Pe9jAfBgNVHSMEGDAWgBRs8a+sSvHbk7MxTwkM1E8zE3Pe9jAPBgNVHRMB\n" \
	"Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIArHEjNMC4S+ZydTbrL6xczI86K5\n" \
	"hOU0psdqGEHOlN7GAiBFLQp7QzV1OEydogMQSY9ZfW7kvyBIblyTk0JBXb/csw==\n" \
	"-----END CERTIFICATE-----\n"

#define CHAIN_B                                                              \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBiDCCAS6gAwIBAgIUTuDMSB5c4qFLd0Wr0l9LfYnebyUwCgYIKoZIzj0EAwIw\n" \
	"EjEQMA4GA1UEAwwHSW50ZXIgQjAgFw0yNjExMjUwMjQ0NDhaGA8yMTI2MTEwMTAy\n" \
	"NDQ0OFowFzEVMBMGA1UEAwwMZXhhbXBsZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZI\n" \
	"zj0DAQcDQgAEbWEFY6ex9qLqXn2TfVw37cZ9MBLTnq53+qnhUEj1SrpXwHuHrbzo\n" \
	"yBmpwK58QOdkYZy855S+wK2xGdiVyy2n/KNbMFkwFwYDVR0RBBAwDoIMZXhhbXBs\n" \
	"ZS50ZXN0MB0GA1UdDgQWBBTdly49WpZ7YjgNfrVYuhhMgEGnDjAfBgNVHSMEGDAW\n" \
	"gBQ3ZDLc4OIyBOJRYfWy7v3qwR2HMDAKBggqhkjOPQQDAgNIADBFAiAN/3BdznRy\n" \
	"8DbQUvGaRQqkYi6AJt4soIGAFpKEJShvRwIhAIR1qQLF4CkDmgRfrU595C2QTdSi\n" \
	"VioXgbWm0CiFkOhD\n"                                                 \
	"-----END CERTIFICATE-----\n"                                        \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBezCCASGgAwIBAgIUV0+WGYegOLWMuOsE1xVf5Hihbo0wCgYIKoZIzj0EAwIw\n" \
	"EjEQMA4GA1UEAwwHSW50ZXIgQjAgFw0yNjExMjUwMjQ0NDhaGA8yMTI2MTEwMTAy\n" \
	"NDQ0OFowEjEQMA4GA1UEAwwHSW50ZXIgQjBZMBMGByqGSM49AgEGCCqGSM49AwEH\n" \
	"A0IABD3cCuLrhmaQL5VtEANq+4SdG5OGw3SxCJMCiHVaA2KXjKwRtJeWNwFYj43X\n" \
	"muVpDT7pKBFH34KhLIDBG5JNTCWjUzBRMB0GA1UdDgQWBBQ3ZDLc4OIyBOJRYfWy\n" \
	"7v3qwR2HMDAfBgNVHSMEGDAWgBQ3ZDLc4OIyBOJRYfWy7v3qwR2HMDAPBgNVHRMB\n" \
	"Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIEvSINbZDFjK/ex0TQsQjqCpaOIL\n" \
	"LBegie4YFD6f5LCwAiEA65q1Vwbx2QPiSF4gC5SLPD5Lx7c0VrEjeEen63R7VrA=\n" \
	"-----END CERTIFICATE-----\n"
