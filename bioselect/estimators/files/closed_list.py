"""What the file of a fitted estimator may hold: a closed list, of what ours are made of.

skops takes all of scikit-learn, and functions of NumPy and SciPy, without questions. That is more
than a model needs, and what is not needed is what a forged file is made of.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Classes whose objects are made from their attributes. All of them hold numbers, arrays and one
#: another, and do nothing when they are made.
MODEL_FILE_TYPES = (
    "bioselect.estimators.averaged_views.AveragedViews",
    "bioselect.estimators.averaging.AveragedModels",
    "bioselect.estimators.balanced_naive_bayes.BalancedNaiveBayes",
    "bioselect.estimators.best_columns.BestColumns",
    "bioselect.estimators.binary_scaling.BinaryScaler",
    "bioselect.estimators.centroid.CentroidClassifier",
    "bioselect.estimators.dense_network.DenseNetwork",
    "bioselect.estimators.discriminant.ShrunkenDiscriminant",
    "bioselect.estimators.fitted_pipeline.FittedPipeline",
    "bioselect.estimators.gaussian_process.GaussianProcess",
    "bioselect.estimators.label_sets.LabelSetClassifier",
    "bioselect.estimators.logistic.SpanLogisticRegression",
    "bioselect.estimators.partial_least_squares.PartialLeastSquares",
    "bioselect.estimators.resampling.ResampledPipeline",
    "bioselect.estimators.rotation.PrincipalRotation",
    "bioselect.estimators.support_vectors.SteadySVR",
    "bioselect.estimators.threshold.ThresholdedClassifier",
    "bioselect.features.column_step.ColumnStep",
    "bioselect.features.visual_words.vocabulary.VisualWords",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.compose._target.TransformedTargetRegressor",
    "sklearn.dummy.DummyClassifier",
    "sklearn.dummy.DummyRegressor",
    "sklearn.ensemble._forest.ExtraTreesClassifier",
    "sklearn.ensemble._forest.ExtraTreesRegressor",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.linear_model._base.LinearRegression",
    "sklearn.linear_model._coordinate_descent.ElasticNet",
    "sklearn.linear_model._coordinate_descent.Lasso",
    "sklearn.linear_model._huber.HuberRegressor",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._ridge.Ridge",
    "sklearn.naive_bayes.GaussianNB",
    "sklearn.neighbors._classification.KNeighborsClassifier",
    "sklearn.neighbors._regression.KNeighborsRegressor",
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._function_transformer.FunctionTransformer",
    "sklearn.preprocessing._label.LabelBinarizer",
    "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.svm._classes.SVC",
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._classes.DecisionTreeRegressor",
    "sklearn.tree._classes.ExtraTreeClassifier",
    "sklearn.tree._classes.ExtraTreeRegressor",
)
#: Of numbers that are no arrays.
_SCALARS = ("bool", "bool_", "float32", "float64", "int32", "int64", "uint8", "uint32", "uint64")
#: The module of the losses of boosted trees is called one or the other, by the version.
LOSS_MODULES = ("_loss", "sklearn._loss._loss")
_LOSSES = ("CyHalfBinomialLoss", "CyHalfMultinomialLoss", "CyHalfSquaredError")
TREE = "sklearn.tree._tree.Tree"

#: How skops makes an object -> of which types.
BY_LOADER: Mapping[str, frozenset[str]] = {
    "DictNode": frozenset({"builtins.dict"}),
    "JsonNode": frozenset({"builtins.str"}),
    "ListNode": frozenset({"builtins.list"}),
    "LossNode": frozenset(f"{module}.{loss}" for module in LOSS_MODULES for loss in _LOSSES),
    "NdArrayNode": frozenset({"numpy.ndarray", *(f"numpy.{name}" for name in _SCALARS)}),
    "ObjectNode": frozenset(MODEL_FILE_TYPES),
    "SliceNode": frozenset({"builtins.slice"}),
    "TreeNode": frozenset({TREE}),
    "TupleNode": frozenset({"builtins.tuple"}),
    "TypeNode": frozenset({"builtins.str"}),
}
#: What training alone needs, and a model is opened without: nothing stands in its place.
LEFT_OUT = frozenset(
    {
        "numpy.random._generator.Generator",
        "numpy.random.mtrand.RandomState",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    }
)
