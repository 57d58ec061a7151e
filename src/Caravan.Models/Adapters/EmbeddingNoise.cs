using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// NEFTune (Jain et al. 2023, alg. 1): while a model learns, its token embeddings get noise that is uniform in ±α/√(L·D) for a sequence of L tokens with
/// D features each. A batch that says so gets it, where a tape follows it. The noise is a function of <see cref="Pass.Seed"/> and the number of the sequence in its batch.
/// </summary>
/// <param name="Alpha">α; 5 to 15 as a rule.</param>
internal sealed record EmbeddingNoise(float Alpha)
{
    private static readonly ulong Stream = Noise.StreamOf("embedding");

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
            Fill(noise.Floats.Slice(first * features, (end - first) * features), Bound(end - first, features), Noise.Mix(Noise.Mix(pass.Seed, Stream), (ulong)i));
        }

        return Add.Forward(pass, x, noise);
    }

    private static void Fill(NativeSpan<float> noise, double bound, ulong seed)
    {
        for (long i = 0; i < noise.Length; i++) noise[i] = (float)(bound * ((2 * Noise.Uniform(seed, (ulong)i)) - 1));
    }
}
