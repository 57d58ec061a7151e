using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

internal sealed partial class Decoder
{
    /// <summary>Logits that there are at once: 64 MB of them.</summary>
    private const long LogitsAtOnce = 1 << 24;

    /// <summary>Rows at once: enough for products to be fast.</summary>
    private const long MostRows = 512, LeastRows = 64;

    /// <summary>
    /// factor · Σ over counted rows of −log p(labels[n]) / their number, without ever holding the logits of all rows. With a tape the gradients of the
    /// rows and of the head are added on the way forward, for ∂loss/∂loss = 1: whoever walks back from a multiple of the loss gives the factor here.
    /// </summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="batch">Whole sequences; the rows that it wants logits of are scored.</param>
    /// <param name="labels">A label for each of these rows, in [0, V), or negative for rows that do not count. Shift them before.</param>
    /// <param name="count">The divisor, for losses that are summed over several passes; null means the number of counted rows.</param>
    /// <param name="factor">What the loss counts in what is walked back; 1 for itself.</param>
    /// <param name="encoded">The rows of an encoder, [M, D]; null without.</param>
    /// <returns>A scalar in nats: <see cref="CrossEntropy"/> of the logits but for the rounding of its sum.</returns>
    /// <exception cref="CaravanException">There are not as many labels as rows, or one is outside the vocabulary.</exception>
    public Tensor Loss(Pass pass, Batch batch, ReadOnlySpan<int> labels, long? count = null, float factor = 1, Tensor? encoded = null)
    {
        Tensor rows = Scored(pass, batch, labels, encoded);
        return Recomputation.Sum(pass, rows, new ChunkLoss(this, batch, Copied(pass, labels), count ?? CrossEntropy.Counted(labels), factor), ChunkRows);
    }

    /// <summary>log p(labels[n]) of each row that the batch wants logits of; logits are computed again on the way back.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="batch">Whole sequences.</param>
    /// <param name="labels">A label for each of these rows, in [0, V), or negative for rows that do not count.</param>
    /// <param name="encoded">The rows of an encoder, [M, D]; null without.</param>
    /// <returns>[rows] in nats; 0 for rows that do not count.</returns>
    /// <exception cref="CaravanException">There are not as many labels as rows, or one is outside the vocabulary.</exception>
    public Tensor TokenLogProbabilities(Pass pass, Batch batch, ReadOnlySpan<int> labels, Tensor? encoded = null) =>
        TokenLogProbabilities(pass, Scored(pass, batch, labels, encoded), batch, labels);

    /// <summary>The normalised rows that a batch wants logits of, [rows, D]: for heads beside the model's own.</summary>
    internal Tensor ScoredRows(Pass pass, Batch batch) => Scored(pass, batch, batch.Labels, null);

    /// <summary>log p(labels[n]) of rows as <see cref="ScoredRows"/> gives them.</summary>
    internal Tensor TokenLogProbabilities(Pass pass, Tensor rows, Batch batch, ReadOnlySpan<int> labels)
    {
        return Recomputation.Forward(pass, rows, new ChunkLogProbabilities(this, batch, Copied(pass, labels)), new Shape(labels.Length), ChunkRows);
    }

    private long ChunkRows => Math.Clamp(LogitsAtOnce / Spec.VocabularySize, LeastRows, MostRows);

    private Tensor Scored(Pass pass, Batch batch, ReadOnlySpan<int> labels, Tensor? encoded)
    {
        if (labels.Length == 0 || labels.Length != batch.LogitRows.Length)
            throw new CaravanException($"{labels.Length} labels do not fit the {batch.LogitRows.Length} rows that the batch wants logits of.");
        if (batch.OwnTokens > 0) throw new InvalidOperationException("Sequences with tokens of their own cannot be scored in chunks.");
        batch.FindPrefixes(Spec.Prefix);
        return stack.Norm(pass, Wanted(pass, stack.Forward(pass, batch, encoded: encoded), batch));
    }

    private static NativeSpan<int> Copied(Pass pass, ReadOnlySpan<int> labels)
    {
        NativeSpan<int> copy = pass.Workspace.Take<int>(labels.Length);
        labels.CopyTo(copy.AsSpan());
        return copy;
    }

    private readonly record struct ChunkLoss(Decoder Decoder, Batch Batch, NativeSpan<int> Labels, long Count, float Factor) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) => Scale.Forward(
            pass,
            CrossEntropy.Forward(pass, Decoder.LogitsOf(pass, rows, Batch), Labels.AsSpan(first, (int)rows.Shape.Rows), Count, consumed: true),
            Factor);
    }

    private readonly record struct ChunkLogProbabilities(Decoder Decoder, Batch Batch, NativeSpan<int> Labels) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) =>
            Tensors.Ops.TokenLogProbabilities.Forward(pass, Decoder.LogitsOf(pass, rows, Batch), Labels.AsSpan(first, (int)rows.Shape.Rows), consumed: true);
    }
}
