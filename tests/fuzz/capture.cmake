# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(capture covey_capture PkgConfig::PCAP)
