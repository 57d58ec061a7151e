using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>A model that says how likely texts are: the one that learns, or one that it is compared with.</summary>
/// <param name="model">A decoder; stays the caller's.</param>
/// <param name="adapter">The slot of the adapter that its sequences pass through; −1 for none.</param>
internal sealed class Policy(Model model, int adapter = -1)
{
    /// <summary>The model.</summary>
    public Model Model => model;

    /// <summary>The slot of its adapter; −1 for none.</summary>
    public int Adapter => adapter;

    /// <summary>Noise for the token embeddings of what it learns from (NEFTune); null, the default, for none.</summary>
    public EmbeddingNoise? Noise { get; init; }

    /// <summary>The batch of some sequences, of which the rows with labels get logits.</summary>
    public Batch Batch(IEnumerable<EncodedSequence> sequences)
    {
        Batch batch = new() { Adapter = adapter, Noise = Noise };
        foreach (EncodedSequence sequence in sequences) batch.AddScored(sequence.Tokens, sequence.Labels);
        return batch;
    }

    /// <summary>How likely the labels of sequences are.</summary>
    /// <param name="pass">The pass to compute in; with a tape to learn from it.</param>
    /// <param name="sequences">At least one label each.</param>
    public ScoredSequences Score(Pass pass, IReadOnlyList<EncodedSequence> sequences)
    {
        Batch batch = Batch(sequences);
        return new ScoredSequences(model.Decoder.TokenLogProbabilities(pass, batch, batch.Labels), [.. sequences.Select(sequence => sequence.Counted)]);
    }

    /// <summary>The summed log-probabilities of sequences' labels, in nats, for models that do not learn.</summary>
    /// <param name="pass">A pass without a tape, which is reset.</param>
    /// <param name="sequences">At least one label each.</param>
    /// <param name="tokens">About how many tokens pass through the model at once.</param>
    public double[] Sums(Pass pass, IReadOnlyList<EncodedSequence> sequences, int tokens) => [.. LogProbabilities(pass, sequences, tokens).Select(each => each.Sum())];

    /// <summary>The log-probability of each label of sequences, in nats, for models that do not learn.</summary>
    /// <param name="pass">A pass without a tape, which is reset.</param>
    /// <param name="sequences">At least one label each.</param>
    /// <param name="tokens">About how many tokens pass through the model at once.</param>
    public double[][] LogProbabilities(Pass pass, IReadOnlyList<EncodedSequence> sequences, int tokens)
    {
        List<double[]> scores = [];
        foreach (IReadOnlyList<EncodedSequence> some in Portions.Of(sequences, sequence => sequence.Tokens.Length, tokens))
        {
            pass.Reset();
            scores.AddRange(Score(pass, some).PerSequence());
        }

        pass.Reset();
        return [.. scores];
    }
}
