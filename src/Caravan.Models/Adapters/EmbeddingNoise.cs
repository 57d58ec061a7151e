using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// NEFTune (Jain et al. 2023, alg. 1): while a model learns, its token embeddings get noise that is uniform in ±α/√(L·D) for a sequence of L tokens with
/// D features each. A batch that says so gets it; the same seed gives the same noise, whatever else is in the batch.
/// </summary>
/// <param name="Alpha">α; 5 to 15 as a rule.</param>
/// <param name="Seed">Of the noise; another for each step, and each part of one.</param>
internal sealed record EmbeddingNoise(float Alpha, ulong Seed)
{
    /// <summary>α/√(L·D).</summary>
    public double Bound(long tokens, long features) => Alpha / Math.Sqrt((double)tokens * features);

    /// <summary>Embeddings with noise; those of virtual tokens get none.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32, token embeddings of the batch.</param>
    /// <param name="batch">The batch.</param>
    /// <returns>[N, D] F32.</returns>
    public Tensor AddTo(Pass pass, Tensor x, Batch batch)
    {
        Tensor noise = pass.Workspace.RentZeroed(x.Shape);
        long features = x.Shape.Columns;
        for (int i = 0; i < batch.Sequences; i++)
        {
            (int first, int end) = (batch.Segments[i].QueryStart, batch.Segments[i].QueryStart + batch.Segments[i].QueryCount);
            while (first < end && VirtualTokens.Is(batch.Tokens[first])) first++;
            Fill(noise.Floats.Slice(first * features, (end - first) * features), Bound(end - first, features), Mixed(Seed + (ulong)i));
        }

        return Add.Forward(pass, x, noise);
    }

    private static void Fill(NativeSpan<float> noise, double bound, ulong seed)
    {
        for (long i = 0; i < noise.Length; i++) noise[i] = (float)(bound * (((Mixed(seed + (ulong)i) >> 11) * (1.0 / (1L << 52))) - 1));
    }

    /// <summary>Numbers that follow each other become numbers that look random (Steele et al. 2014, "SplitMix").</summary>
    private static ulong Mixed(ulong number)
    {
        ulong mixed = number * 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}
