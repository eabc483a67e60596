#include "smtp/reply.h"

#include <string.h>

enum { TEXT_MAX = 480 }; /* RFC 5321 4.5.3.1.5: 512 with code and CRLF */

/* A row a reply: our words, and those that stand in chasquid's tests and logs.
 * An empty second column means that ours will do. */
static const struct {
	struct reply plain, chasquid;
} rows[REPLY_IDS] = {
	[REPLY_TLS_READY] = { { 220, "2.0.0", "Go ahead with TLS" },
			      { 220, "2.0.0",
				"You experience a strange sense of peace" } },
	[REPLY_TLS_MISSING] = { { 502, "5.5.1", "There is no TLS here" },
				{ 0 } },
	[REPLY_TLS_ALREADY] = { { 503, "5.5.1", "TLS is on already" },
				{ 503, "5.5.1",
				  "You are already wearing that!" } },
	[REPLY_TLS_PIPELINED] = { { 503, "5.5.1",
				    "Nothing may follow STARTTLS before TLS "
				    "is up" },
				  { 0 } },
	[REPLY_BYE] = { { 221, "2.0.0", "Bye" },
			{ 221, "2.0.0", "Be seeing you..." } },
	[REPLY_NOOP] = { { 250, "2.0.0", "OK" },
			 { 250, "2.0.0", "You hear a faint typing noise." } },
	[REPLY_HELP] = { { 214, "2.0.0",
			   "See RFC 5321. EHLO lists what this server can do" },
			 { 0 } },
	[REPLY_RESET] = { { 250, "2.0.0", "Forgotten" }, { 0 } },
	[REPLY_VRFY] = { { 502, "5.5.1",
			   "Not told here: send the message and see" },
			 { 502, "5.5.1",
			   "You have a strange feeling for a moment, then it "
			   "passes." } },
	[REPLY_EXPN] = { { 502, "5.5.1", "Lists are not told here" },
			 { 502, "5.5.1",
			   "You feel disoriented for a moment." } },
	[REPLY_NO_SMTP] = { { 502, "5.7.0", "This is SMTP" },
			    { 502, "5.7.0",
			      "You hear someone cursing shoplifters" } },
	[REPLY_UNKNOWN] = { { 500, "5.5.1", "Unknown command" }, { 0 } },
	[REPLY_SYNTAX] = { { 500, "5.5.2", "That is no command line" }, { 0 } },
	[REPLY_ARGUMENT] = { { 501, "5.5.4",
			       "This command takes other arguments" },
			     { 0 } },
	[REPLY_LINE_LONG] = { { 500, "5.5.2", "The line is too long" },
			      { 554, "",
				"error reading command: line too long" } },
	[REPLY_LINE_END] = { { 500, "5.5.2",
			       "Lines end with CR and LF, and only there" },
			     { 0 } },
	[REPLY_TOO_MANY_ERRORS] = { { 421, "4.7.0", "Too many errors" },
				    { 421, "4.5.0", "Too many errors, bye" } },
	[REPLY_TIMEOUT] = { { 421, "4.4.2", "Nothing heard for too long" },
			    { 0 } },
	[REPLY_SHUTDOWN] = { { 421, "4.3.2",
			       "This server shuts down, try again soon" },
			     { 0 } },
	[REPLY_BUSY] = { { 421, "4.3.2", "Too busy, try again later" }, { 0 } },
	[REPLY_EARLY] = { { 554, "5.5.1", "You spoke before the greeting" },
			  { 0 } },
	[REPLY_NOT_WELCOME] = { { 554, "5.7.1", "No mail from your address" },
				{ 0 } },
	[REPLY_NO_HELLO] = { { 501, "5.5.4", "Say the name of your host" },
			     { 501, "",
			       "Invisible customers are not welcome!" } },
	[REPLY_HELLO_FIRST] = { { 503, "5.5.1", "Say EHLO first" },
				{ 503, "5.5.1",
				  "Invisible customers are not welcome!" } },
	[REPLY_AUTH_NO_TLS] = { { 538, "5.7.11",
				  "Passwords only over TLS: STARTTLS first" },
				{ 503, "5.7.10", "You feel vulnerable" } },
	[REPLY_AUTH_NOT_HERE] = { { 503, "5.5.1",
				    "No login on this port: use 465 or 587" },
				  { 0 } },
	[REPLY_AUTH_ALREADY] = { { 503, "5.5.1", "You are logged in" },
				 { 503, "5.5.1",
				   "You are already wearing that!" } },
	[REPLY_AUTH_IN_MAIL] = { { 503, "5.5.1", "Not within a transaction" },
				 { 0 } },
	[REPLY_AUTH_MECHANISM] = { { 504, "5.5.4", "PLAIN and LOGIN only" },
				   { 534, "5.7.9",
				     "Asmodeus demands 534 zorkmids for safe "
				     "passage" } },
	[REPLY_AUTH_DECODE] = { { 501, "5.5.2", "That is no login" },
				{ 501, "5.5.2",
				  "Error decoding AUTH response: malformed" } },
	[REPLY_AUTH_CANCELLED] = { { 501, "5.7.0", "Login given up" },
				   { 501, "5.5.2",
				     "Error decoding AUTH response: "
				     "cancelled" } },
	[REPLY_AUTH_WRONG] = { { 535, "5.7.8", "Wrong user or password" },
			       { 535, "5.7.8", "Incorrect user or password" } },
	[REPLY_AUTH_LATER] = { { 454, "4.7.0",
				 "Temporary authentication failure" },
			       { 0 } },
	[REPLY_AUTH_OK] = { { 235, "2.7.0", "Authentication successful" },
			    { 0 } },
	[REPLY_AUTH_NEEDED] = { { 530, "5.7.0", "Log in first" },
				{ 550, "5.7.9",
				  "Mail to submission port must be "
				  "authenticated" } },
	[REPLY_MAIL_SYNTAX] = { { 501, "5.5.4", "MAIL FROM:<address> it is" },
				{ 500, "5.5.2", "Unknown command" } },
	[REPLY_MAIL_ALREADY] = { { 503, "5.5.1",
				   "One message at a time: a sender was given" },
				 { 0 } },
	[REPLY_MAIL_OK] = { { 250, "2.1.0", "Sender OK" },
			    { 250, "2.1.5",
			      "You feel like you are being watched" } },
	[REPLY_MAIL_MAX] = { { 421, "4.7.0",
			       "Enough messages for one connection" },
			     { 0 } },
	[REPLY_FROM_BAD] = { { 501, "5.1.7", "Sender address malformed" },
			     { 0 } },
	[REPLY_FROM_LONG] = { { 501, "5.1.7", "Sender address too long" },
			      { 0 } },
	[REPLY_FROM_NO_DOMAIN] = { { 501, "5.1.8",
				     "Sender address must contain a domain" },
				   { 0 } },
	[REPLY_FROM_DOMAIN] = { { 501, "5.1.8", "No such name for a domain" },
				{ 501, "5.1.8",
				  "Malformed sender domain (IDNA conversion "
				  "failed)" } },
	[REPLY_FROM_NOT_YOURS] = { { 553, "5.7.1",
				     "This login may not use that sender" },
				   { 0 } },
	[REPLY_RCPT_SYNTAX] = { { 501, "5.5.4", "RCPT TO:<address> it is" },
				{ 500, "5.5.2", "Unknown command" } },
	[REPLY_RCPT_FIRST] = { { 503, "5.5.1", "Give a recipient first" },
			       { 503, "5.5.1", "Need an address to send to" } },
	[REPLY_RCPT_OK] = { { 250, "2.1.5", "Recipient OK" },
			    { 250, "2.1.5", "You have an eerie feeling..." } },
	[REPLY_RCPT_MAX] = { { 452, "4.5.3", "Too many recipients" }, { 0 } },
	[REPLY_TO_BAD] = { { 501, "5.1.3", "Malformed destination address" },
			   { 0 } },
	[REPLY_TO_LONG] = { { 501, "5.1.3", "Destination address too long" },
			    { 0 } },
	[REPLY_TO_DOMAIN] = { { 501, "5.1.2", "No such name for a domain" },
			      { 501, "5.1.2",
				"Malformed destination domain (IDNA "
				"conversion failed)" } },
	[REPLY_TO_NAME] = { { 550, "5.1.3", "Destination address is invalid" },
			    { 0 } },
	[REPLY_TO_UNKNOWN] = { { 550, "5.1.1", "No such recipient here" },
			       { 550, "5.1.1",
				 "Destination address is unknown (user does "
				 "not exist)" } },
	[REPLY_TO_LATER] = { { 451, "4.4.3",
			       "Temporary error checking address" },
			     { 0 } },
	[REPLY_RELAY] = { { 550, "5.7.1",
			    "Not a domain of ours, and you are not logged in" },
			  { 503, "5.7.1", "Relay not allowed" } },
	[REPLY_UTF8_NEEDED] = { { 553, "5.6.7",
				  "That address needs SMTPUTF8 in MAIL" },
				{ 0 } },
	[REPLY_PARAMETER] = { { 501, "5.5.4", "Malformed parameter" }, { 0 } },
	[REPLY_PARAMETER_UNKNOWN] = { { 555, "5.5.4", "Unknown parameter" },
				      { 0 } },
	[REPLY_SENDER_FIRST] = { { 503, "5.5.1", "Give a sender first" },
				 { 503, "5.5.1", "Sender not yet given" } },
	[REPLY_DATA_GO] = { { 354, "",
			      "Go on; end with a dot on its own line" },
			    { 354, "",
			      "You suddenly realize it is unnaturally quiet" } },
	[REPLY_DATA_IN_BDAT] = { { 503, "5.5.1", "The message comes by BDAT" },
				 { 0 } },
	[REPLY_DATA_OK] = { { 250, "2.0.0", "Kept" },
			    { 250, "2.0.0",
			      "There are signposts here, and mail has been "
			      "left" } },
	[REPLY_DATA_END] = { { 521, "5.5.2",
			       "Lines end with CR and LF, and only there" },
			     { 521, "5.5.2",
			       "Error reading DATA: invalid line ending" } },
	[REPLY_DATA_NUL] = { { 554, "5.6.0", "NUL bytes in the message" },
			     { 0 } },
	[REPLY_DATA_LINE] = { { 554, "5.6.0", "A line of it is too long" },
			      { 0 } },
	[REPLY_TOO_BIG] = { { 552, "5.3.4", "Message too big" }, { 0 } },
	[REPLY_BDAT_AFTER] = { { 503, "5.5.1",
				 "An earlier part failed: RSET first" },
			       { 0 } },
	[REPLY_BDAT_END] = { { 554, "5.6.0",
			       "Lines end with CR and LF, and only there" },
			     { 0 } },
	[REPLY_BDAT_SYNTAX] = { { 501, "5.5.4", "BDAT SIZE [LAST] it is" },
				{ 0 } },
	[REPLY_LOOP] = { { 554, "5.4.6", "Loop detected" }, { 0 } },
	[REPLY_HEADER] = { { 554, "5.6.0", "The header is malformed" },
			   { 554, "5.6.0", "Error parsing message" } },
	[REPLY_SPF] = { { 550, "5.7.23", "SPF check failed" }, { 0 } },
	[REPLY_LEVEL] = { { 550, "5.7.3", "Security level check failed" },
			  { 0 } },
	[REPLY_QUEUE] = { { 451, "4.3.0", "Failed to queue message" }, { 0 } },
	[REPLY_DISK] = { { 452, "4.3.1", "Not enough room, try later" },
			 { 0 } },
};

const struct reply *reply_of(enum reply_id id, enum reply_style style)
{
	if (style == REPLY_CHASQUID && rows[id].chasquid.code)
		return &rows[id].chasquid;
	return &rows[id].plain;
}

static void add_text(struct str line, struct buf *out)
{
	for (size_t i = 0; i < line.n && i < TEXT_MAX; i++) {
		const unsigned char c = (unsigned char)line.at[i];
		buf_char(out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
}

void reply_write(const struct reply *r, struct buf *out)
{
	struct str rest = str_of(r->text ? r->text : ""), line;

	while (str_cut(&rest, '\n', &line)) {
		buf_fmt(out, "%03u%c", r->code % 1000U, rest.at ? '-' : ' ');
		if (r->status && *r->status)
			buf_fmt(out, "%s ", r->status);
		add_text(line, out);
		buf_str(out, "\r\n");
	}
}
