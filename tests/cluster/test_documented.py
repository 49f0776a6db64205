"""The snippets of docs/cluster.md: Python compiles, YAML is what it says it is."""

import re
from pathlib import Path

import yaml

PAGE = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")


def snippets(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_python_compiles():
    found = snippets("python")
    assert found
    for text in found:
        compile(text, "docs/cluster.md", "exec")


def test_pods_and_services_fit_together():
    kubernetes, dask = (list(yaml.safe_load_all(text)) for text in snippets("yml"))
    assert [one["kind"] for one in kubernetes] == ["Deployment", "Service", "Deployment"]
    scheduler, service, workers = kubernetes
    labels = scheduler["spec"]["template"]["metadata"]["labels"]
    assert labels == scheduler["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    container = workers["spec"]["template"]["spec"]["containers"][0]
    port = service["spec"]["ports"][0]["port"]
    assert f"tcp://{service['metadata']['name']}:{port}" in container["command"]
    mounted = {one["name"] for one in container["volumeMounts"]}
    assert mounted == {one["name"] for one in workers["spec"]["template"]["spec"]["volumes"]}
    assert dask[0]["distributed"]["comm"]["tls"]["client"]["cert"].endswith(".pem")
