namespace Caravan.Models;

/// <summary>In which order a layer normalises, mixes and adds.</summary>
internal enum LayerOrder
{
    /// <summary>x += mixer(norm x), then x += feed-forward(norm x) (Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture").</summary>
    PreNorm,

    /// <summary>x = norm(x + mixer(x)), then x = norm(x + feed-forward(x)) (Vaswani et al. 2017, §3.1).</summary>
    PostNorm,

    /// <summary>x = norm x, x += mixer(x), and the same for the feed-forward block: what is added to is normalised too.</summary>
    NormedResidual,

    /// <summary>x += mixer(norm x) + feed-forward(norm x) with one norm (Wang and Komatsuzaki 2021, GPT-J).</summary>
    Parallel,

    /// <summary>The same with a norm for each (Black et al. 2022, GPT-NeoX, eq. 2).</summary>
    ParallelTwoNorms,
}
