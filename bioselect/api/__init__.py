"""The Python interface behind `import bioselect`: studies, tables, notebooks, scikit-learn."""
