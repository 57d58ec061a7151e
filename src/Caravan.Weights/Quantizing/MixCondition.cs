namespace Caravan.Weights;

/// <summary>When a rule of a mix holds.</summary>
internal enum MixCondition
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>With four or more query heads to each key head: the projection to values is small, so more bits for it are cheap.</summary>
    FourQueriesPerKey,

    /// <summary>With 80 layers and grouped heads, which is how llama.cpp knows LLaMA-2-70B and its kin.</summary>
    EightyGroupedLayers,

    /// <summary>With eight experts, beside which the attention's matrices are small: more bits for them are cheap.</summary>
    EightExperts,

    /// <summary>With an importance matrix.</summary>
    WithImportance,

    /// <summary>Without one.</summary>
    WithoutImportance,
}
