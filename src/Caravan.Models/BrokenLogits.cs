namespace Caravan.Models;

/// <summary>Says why logits are no finite numbers.</summary>
internal static class BrokenLogits
{
    /// <summary>The sentence; looks through the weights of the models that computed them for the one that is broken.</summary>
    public static CaravanException Explain(params ReadOnlySpan<Model> models)
    {
        foreach (Model model in models)
        {
            if (model.FindNonFiniteWeight() is { } name)
                return new CaravanException($"'{model.Path}': the weight '{name}' holds NaN or infinity, and so do the logits; download or convert the model again.");
        }

        return new CaravanException($"'{models[^1].Path}' computed logits that are no finite numbers although all its weights are finite; please report the model.");
    }
}
