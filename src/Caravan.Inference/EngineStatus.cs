namespace Caravan.Inference;

/// <summary>How busy an engine is. The numbers are read while it runs and may be a step apart from each other.</summary>
/// <param name="Running">Sequences that are computed.</param>
/// <param name="Waiting">Requests that wait for a place.</param>
/// <param name="PagesUsed">Pages of keys and values that sequences hold.</param>
/// <param name="PagesFindable">Full pages, held or not, that a request with the same beginning would not compute again.</param>
/// <param name="PagesTotal">All pages.</param>
/// <param name="BatchTokens">Tokens of the last pass.</param>
/// <param name="GeneratedTokens">Tokens generated since the engine began.</param>
/// <param name="PromptTokens">Prompt tokens computed since the engine began, those computed again after a preemption included.</param>
/// <param name="ReusedTokens">Prompt tokens found in pages since the engine began.</param>
/// <param name="Preemptions">How often a sequence had to give its pages back and was computed again.</param>
public readonly record struct EngineStatus(
    int Running, int Waiting, int PagesUsed, int PagesFindable, int PagesTotal, int BatchTokens, long GeneratedTokens, long PromptTokens, long ReusedTokens, long Preemptions);
