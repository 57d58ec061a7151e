using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// The next token: the mean cross-entropy of all labels of a batch. Pretraining labels every token of plain texts, supervised fine-tuning the answers
/// of conversations (Ouyang et al. 2022, section 3.5).
/// </summary>
/// <param name="context">What every method is given.</param>
internal sealed class LanguageModeling(MethodContext context) : DataMethod(context)
{
    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, PackedBatch part, BatchSize batch)
    {
        Models.Batch rows = Context.Policy.Batch(part.Sequences);
        return Context.Policy.Model.Decoder.Loss(pass, rows, rows.Labels, batch.Counted);
    }

    /// <inheritdoc/>
    protected override double WeightOf(PackedBatch part) => part.Counted;
}
