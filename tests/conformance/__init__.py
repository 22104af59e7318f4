"""One small diagram for every construct of BPMN that the engine runs, or refuses to deploy.

To add one: write `<group>/<name>.bpmn` without a picture (one process with the id `<group>_<name>`,
`name` the construct, `documentation` one sentence on what happens), and beside it `<name>.yaml`, a
scenario whose last step expects the whole trace. Files that belong to it begin with `<name>.`. Let
`python -m tests.conformance.layout FILE` draw it, and `python -m tests.conformance` write the page.
A diagram in `refused/` has a YAML file with the linter's `rule` and the `element`.
"""
