using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>A tensor that does not get a mix's usual type.</summary>
/// <param name="Role">Which tensor.</param>
/// <param name="Type">What it becomes.</param>
/// <param name="Layers">In which layers.</param>
/// <param name="When">In which models.</param>
internal sealed record MixRule(TensorRole Role, DType Type, LayerRange Layers = LayerRange.All, MixCondition When = MixCondition.Always)
{
    /// <summary>Whether the rule is about this tensor.</summary>
    public bool Covers(TensorRole role, int layer, MixModel model) => Role == role && Holds(model) && Contains(layer, model.Layers);

    private bool Holds(MixModel model) => When switch
    {
        MixCondition.Always => true,
        MixCondition.FourQueriesPerKey => model.QueriesPerKey >= 4,
        MixCondition.EightyGroupedLayers => model.Layers == 80 && model.QueriesPerKey > 1,
        MixCondition.EightExperts => model.Experts == 8,
        MixCondition.WithImportance => model.HasImportance,
        MixCondition.WithoutImportance => !model.HasImportance,
        _ => throw new InvalidOperationException($"{When} is no condition."),
    };

    private bool Contains(int layer, int count) => Layers switch
    {
        LayerRange.All => true,
        LayerRange.FirstTwo => layer < 2,
        LayerRange.FirstFour => layer < 4,
        LayerRange.FirstSixteenth => layer < count / 16,
        LayerRange.FirstEighth => layer < count / 8,
        LayerRange.EndsAndEveryThird => layer < count / 8 || layer >= 7 * count / 8 || (layer - (count / 8)) % 3 == 2,
        _ => throw new InvalidOperationException($"{Layers} is no range."),
    };
}
