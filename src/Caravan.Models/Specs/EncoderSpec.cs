namespace Caravan.Models;

/// <summary>Everything that says how an encoder computes, apart from its weights: rows in, as many rows out.</summary>
internal sealed record EncoderSpec : StackSpec
{
    /// <summary>Whether there is a projection of the first row that stands for the whole text: tanh(W x + b) (Devlin et al. 2019, §3.1).</summary>
    public bool HasPooler { get; init; }

    /// <summary>The head that guesses masked tokens; null for none.</summary>
    public MaskedHeadSpec? MaskedHead { get; init; }

    /// <inheritdoc/>
    public override Network Build(WeightReader weights) => new Encoder(this, weights);
}
