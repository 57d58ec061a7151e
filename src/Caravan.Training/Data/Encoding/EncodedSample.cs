namespace Caravan.Training;

/// <summary>A sample as tokens.</summary>
/// <param name="Source">The sample.</param>
/// <param name="Sequences">
/// For a text its pieces; for a conversation one, or more where the template writes earlier turns differently once later ones follow; for a preference the
/// chosen and the rejected; for rated answers one each; for a labelled answer one; for a prompt one, without labels, ending where the answer begins.
/// </param>
internal sealed record EncodedSample(Sample Source, IReadOnlyList<EncodedSequence> Sequences)
{
    /// <summary>Tokens of all sequences.</summary>
    public int Tokens => Sequences.Sum(sequence => sequence.Tokens.Length);

    /// <summary>Rows that count, of all sequences.</summary>
    public int Counted => Sequences.Sum(sequence => sequence.Counted);

    /// <summary>Whether the loss is over each sequence by itself, so that they may stand in different batches.</summary>
    public bool Divisible => Source is TextSample or ConversationSample;
}
