using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// The next token: the mean cross-entropy of all labels of a batch. Pretraining labels every token of plain texts, supervised fine-tuning the answers
/// of conversations (Ouyang et al. 2022, section 3.5).
/// </summary>
/// <param name="context">What every method is given.</param>
/// <param name="side">Texts that are learnt beside, such as replay; null for none.</param>
internal sealed class LanguageModeling(MethodContext context, SideTexts? side = null) : DataMethod(context, side)
{
    /// <summary>Refuses samples that are more than what should be said.</summary>
    /// <exception cref="CaravanException">One is no text and no conversation.</exception>
    public static void Require(PackedBatch part)
    {
        if (part.Samples.FirstOrDefault(sample => !sample.Divisible) is { } other)
            throw other.Source.Origin.Problem($"holds {other.Source.Kind}; this method learns from texts and conversations.");
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, PackedBatch part, BatchSize batch)
    {
        Require(part);
        Models.Batch rows = Context.Policy.Batch(part.Sequences);
        return Context.Policy.Model.Decoder.Loss(pass, rows, rows.Labels, batch.Counted);
    }

    /// <inheritdoc/>
    protected override double WeightOf(PackedBatch part) => part.Counted;
}
