using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// An encoder that reads one text and a decoder that writes another while it attends to the encoder's rows (Vaswani et al. 2017).
/// <code>
/// source → encoder → rows ─┐
/// target → [ attention → attention to rows → feed-forward ] × n → head
/// </code>
/// </summary>
internal sealed class EncoderDecoder : Network
{
    /// <summary>What stands before the names of the encoder's weights.</summary>
    internal const string EncoderPrefix = "encoder.";

    internal EncoderDecoder(DecoderSpec spec, WeightReader weights)
    {
        Tensor embedding = weights.Matrix(Stack.EmbeddingName, spec.VocabularySize, spec.HiddenSize);
        Encoder = new Encoder(spec.Encoder!, weights, EncoderPrefix, embedding);
        Decoder = new Decoder(spec, weights, embedding);
    }

    /// <inheritdoc/>
    public override string Kind => "encoder-decoder";

    /// <summary>What reads.</summary>
    public Encoder Encoder { get; }

    /// <summary>What writes.</summary>
    public Decoder Decoder { get; }

    /// <summary>The logits of whole sequences: training and evaluation.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="source">What is read.</param>
    /// <param name="target">What is written, as many sequences.</param>
    /// <returns>[rows, V] F32 in the pass's workspace; null when no row wants logits.</returns>
    public Tensor? Forward(Pass pass, Batch source, Batch target) => Decoder.Forward(pass, target, encoded: Encoded(pass, source, target));

    /// <summary><see cref="Decoder.Loss"/> of what is written.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="source">What is read.</param>
    /// <param name="target">What is written, as many sequences.</param>
    /// <param name="labels">A label for each row of the target that gets logits, or a negative number.</param>
    /// <param name="count">The divisor; null means the number of counted rows.</param>
    /// <param name="factor">What the loss counts in what is walked back; 1 for itself.</param>
    /// <returns>A scalar in nats.</returns>
    public Tensor Loss(Pass pass, Batch source, Batch target, ReadOnlySpan<int> labels, long? count = null, float factor = 1) =>
        Decoder.Loss(pass, target, labels, count, factor, Encoded(pass, source, target));

    private Tensor Encoded(Pass pass, Batch source, Batch target)
    {
        target.AttendTo(source);
        return Encoder.Forward(pass, source);
    }

    /// <summary>
    /// Reads, and keeps in pages what the decoder needs of it: the keys and values of every layer's attention to the encoder, computed once.
    /// </summary>
    /// <param name="pass">The pass to compute in; without a tape.</param>
    /// <param name="source">Whole sequences with pages of their own.</param>
    /// <param name="pages">The pages.</param>
    public void Read(Pass pass, Batch source, KeyValuePages pages) => Decoder.KeepEncoded(pass, Encoder.Forward(pass, source), source, pages);
}
