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
}
