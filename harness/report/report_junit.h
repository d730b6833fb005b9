/* JUnit XML, as Jenkins' junit-10.xsd has it and Maven's Surefire writes reruns. */
#pragma once
#include "record/record.h"

void report_junit(const Record *record, GString *out);
