"""The experiment: a component before and after its fix, a real server, seeded faults, the auditor.

The way in is ``commaok.lab.run``: it takes an ``Experiment`` (hazards bring theirs) and gives a
``Result``. What happens in between, in the order of the data:

``etcd``        finds, starts and stops a real server
``workload``    the seeded writer
``faults``      the seeded schedule of what breaks when
``proxy``       the TCP proxy that breaks it
``experiment``  what an experiment must bring: variants, each building a subject
``trial``       one writer, one schedule, all variants side by side; measured by ``commaok.audit``
``run``         trials over seeds and the sweep, kept as they finish
``statistics``  intervals over seeds
``result``      what a run leaves behind: ``result.json``
"""
