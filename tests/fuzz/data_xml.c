/* XML of strangers: a value within its limits, or a complaint; what was read
 * and can be written is read alike again. */
#include <assert.h>

#include "base/auto.h"
#include "data/xmlrpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	const struct str text = { (const char *)at, n };
	json_t *tree, *call;
	struct err e = { 0 };
	bool fault;

	if (xmlrpc_parse(text, &call, &fault, &e) == 0)
		assert(call);
	json_decref(call);
	if (xml_parse(text, &tree, &e) < 0) {
		assert(!tree && e.kind == ERR_TEMP);
		return 0;
	}
	AUTO(buf) struct buf again = { .max = XML_SIZE };
	json_t *twin = NULL;

	assert(json_object_size(tree) == 1);
	if (xml_write(tree, &again, &e) == 0)
		assert(xml_parse(buf_get(&again), &twin, &e) == 0);
	json_decref(twin);
	json_decref(tree);
	return 0;
}
