namespace Caravan.Kernels;

/// <summary>The function inside a feed-forward block.</summary>
internal enum ActivationFunction
{
    /// <summary>x · sigmoid(x), also called swish (Ramachandran et al. 2017).</summary>
    Silu,

    /// <summary>The tanh form of GELU: x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))) (Hendrycks and Gimpel 2016, eq. 2).</summary>
    GeluTanh,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x · Φ(x), Φ the distribution function of the normal distribution: GELU itself (Hendrycks and Gimpel 2016, eq. 1).</summary>
    Gelu,

    /// <summary>x · sigmoid(1.702 · x) (Hendrycks and Gimpel 2016, §2), as CLIP uses it.</summary>
    QuickGelu,

    /// <summary>max(x, 0)² (So et al. 2021, "Primer").</summary>
    ReluSquared,

    /// <summary>1 / (1 + e^(−x)).</summary>
    Sigmoid,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>log(1 + e^x).</summary>
    Softplus,

    /// <summary>e^x.</summary>
    Exponential,
}
