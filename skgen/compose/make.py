"""A generative pipeline from estimators, without names."""

from sklearn.pipeline import make_pipeline

from skgen.compose.generative_pipeline import GenerativePipeline


def make_generative_pipeline(*steps, memory=None, transform_input=None, verbose=False):
    """Make a :class:`GenerativePipeline` from estimators, named after their types.

    Parameters
    ----------
    *steps : estimators
        The steps, the model last.
    memory : str, object with the joblib.Memory interface or None, default=None
        Where to cache fitted transformers.
    transform_input : list of str or None, default=None
        Metadata that the steps transform before the step that consumes it.
    verbose : bool, default=False
        Whether to print the time that each step took.

    Returns
    -------
    pipeline : GenerativePipeline
        The pipeline.

    Examples
    --------
    >>> from sklearn.mixture import GaussianMixture
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skgen import make_generative_pipeline
    >>> list(make_generative_pipeline(StandardScaler(), GaussianMixture()).named_steps)
    ['standardscaler', 'gaussianmixture']
    """
    return GenerativePipeline(
        make_pipeline(*steps).steps,
        transform_input=transform_input,
        memory=memory,
        verbose=verbose,
    )
