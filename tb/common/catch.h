// SPDX-License-Identifier: Apache-2.0
// Catch2, version 2 or 3.
#pragma once
#ifdef SEALIFT_CATCH2_V2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
#endif
