#include "nodes/lookup.h"
namespace hypersynth { std::vector<bids::LookupRow> lookup_table(const Model& model){ std::vector<bids::LookupRow> r; for(auto&l:model.labels){char c[8]; snprintf(c,8,"#%06x",(l.index*2654435761u)&0xffffff); r.push_back({l.index,l.name,l.name,c,""});} return r;}
std::vector<LabelColour> label_colours(const std::vector<bids::LookupRow>& k){std::vector<LabelColour> r; for(auto&l:k){unsigned v=std::stoul(l.color.substr(1),nullptr,16); r.push_back({l.index,{(uint8_t)(v>>16),(uint8_t)(v>>8),(uint8_t)v}});} return r;}
Rgb colour_of(const std::vector<bids::LookupRow>& k,int i){for(auto&c:label_colours(k)) if(c.label==i) return c.colour; return {};} }
