using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Searches for the scale of 32 values x ≈ scale · <see cref="Codebook"/> value, by weighted squared error as in <see cref="ScaleSearch"/>:
/// each of 16 trial scales fixes the codes, and the codes the best scale. The trials, the order of their sums and their comparison are ggml's.
/// </summary>
internal static unsafe class CodebookSearch
{
    /// <summary>Elements that share a scale.</summary>
    internal const int Elements = 32;

    private const int Trials = 16;

    /// <summary>
    /// The weights of a group: x², or by importance. <paramref name="spread"/> is twice the mean square of the block the group belongs to.
    /// </summary>
    internal static void Weigh(float* values, float* importance, float spread, float* weights)
    {
        if (importance is not null) Importance.Weigh(values, importance, Elements, spread, weights);
        else for (int i = 0; i < Elements; i++) weights[i] = values[i] * values[i];
    }

    /// <summary>
    /// The best scale; 0 for a negligible group. The first trial maps the value of largest magnitude to +127, the others to -134 .. -120.
    /// </summary>
    internal static float Scale(float* values, float* weights)
    {
        float extreme = BlockScale.SignedLargest(values, Elements);
        if (MathF.Abs(extreme) < ScaleSearch.Negligible) return 0;

        float* inverses = stackalloc float[Trials];
        inverses[0] = 1 / (-extreme / -127);
        for (int trial = 1; trial < Trials; trial++) inverses[trial] = (trial - 8 + -127) / extreme;
        float* products = stackalloc float[Trials];
        float* squares = stackalloc float[Trials];
        for (int trial = 0; trial < Trials; trial += Vector256<float>.Count)
            Sum(values, weights, Vector256.Load(inverses + trial), products + trial, squares + trial);

        float scale = squares[0] > 0 ? products[0] / squares[0] : 0, best = scale * products[0];
        for (int trial = 1; trial < Trials; trial++)
        {
            (float product, float square) = (products[trial], squares[trial]);
            if (!(square > 0 && product * product > best * square)) continue;
            scale = product / square;
            best = scale * product;
        }

        return scale;
    }

    /// <summary>The numbers of the nearest values for a scale; for scale 0 that of the value nearest to zero.</summary>
    internal static void Round(float* values, float scale, byte* codes)
    {
        float inverse = scale != 0 ? 1 / scale : 0;
        for (int i = 0; i < Elements; i++) codes[i] = Codebook.Nearest(inverse * values[i]);
    }

    /// <summary>Σ w·q·x and Σ w·q² for eight trials at once, each summed in the order of the elements.</summary>
    private static void Sum(float* values, float* weights, Vector256<float> inverses, float* products, float* squares)
    {
        Vector256<float> product = Vector256<float>.Zero, square = Vector256<float>.Zero;
        for (int i = 0; i < Elements; i++)
        {
            Vector256<float> value = Vector256.Create(values[i]);
            Vector256<float> nearest = Codebook.NearestValue(inverses * value);
            Vector256<float> weighted = Vector256.Create(weights[i]) * nearest;
            product += weighted * value;
            square += weighted * nearest;
        }

        product.Store(products);
        square.Store(squares);
    }
}
